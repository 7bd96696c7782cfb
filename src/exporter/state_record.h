#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/board.h"
#include "exporter/history.h"
#include "exporter/metrics.h"
#include "exporter/roster.h"
#include "exporter/snapshot.h"
#include "exporter/state_codec.h"

namespace exporter {

/// What the state file keeps of one homeserver.
struct StateRecord {
  std::string server_name;
  History history;
  /// The result as it was rendered; `stale_at` is the reader's to set.
  Block block;
  std::optional<Summary> summary;  // absent when the present program has no words for it
  std::string packed_details;      // only with a summary: unpacked, those of all take too much
};

/// By server name.
using StateRecords = std::unordered_map<std::string, StateRecord>;

/// The families of the program that wrote a file, by their places in its catalogue; where the
/// present program has them, if it does.
using WrittenFamilies = std::vector<std::optional<std::size_t>>;

/// A record has not more bytes; a large one of an honest homeserver has a tenth of it.
inline constexpr std::size_t kRecordMax = std::size_t{1024} * 1024;

/// Appends the record of a homeserver that was probed; `summary` may be nullptr. False, and nothing
/// is appended, when it would be larger than kRecordMax: of a homeserver that shows dozens of long
/// chains, one an address.
[[nodiscard]] bool AppendRecord(std::string_view server_name, const History& history,
                                const Block& block, const Summary* summary, const Details& details,
                                std::string& out);

/// Takes a record from the front. What the present program knows no longer (a family, a label of
/// one, a reason) is left out; everything else that the program would not have written itself is a
/// mistake: nullopt, and the decoder goes on behind it, unless its length was wrong already.
std::optional<StateRecord> TakeRecord(StateDecoder& decoder, const WrittenFamilies& families);

/// Times behind `now` become `now`: the clock has gone back since. Whether there were any.
bool ForgetTheFuture(History& history, matrix_federation::SystemTime now);

/// Has a homeserver that was added just now go on from its record.
void Restore(StateRecord record, Target& target);

}  // namespace exporter
