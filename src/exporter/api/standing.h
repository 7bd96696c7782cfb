#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "exporter/board.h"
#include "matrix_federation/json_writer.h"

namespace exporter {

/// A configured homeserver and its last result as they were at one moment.
struct Standing {
  std::shared_ptr<const Homeserver> server;
  SnapshotPointer last;  // nullptr: never probed
  std::optional<matrix_federation::SystemTime> next_check;
  /// The result is older than `probe.stale_after`: what it says may be true no longer.
  bool stale = false;

  /// "ok", "failing", "unknown": by the last result, stale or not.
  [[nodiscard]] std::string_view state() const;
};

inline constexpr std::string_view kStates[] = {"ok", "failing", "unknown"};

Standing StandingOf(const Row& row, matrix_federation::SystemTime now);

/// Writes what both the list and a report have of a homeserver beside its name: group, labels,
/// state, when it was checked and how often.
void WriteMembers(matrix_federation::JsonWriter& json, const Standing& standing);

/// null for a text that is empty.
void WriteTextOrNull(matrix_federation::JsonWriter& json, std::string_view key,
                     std::string_view text);

}  // namespace exporter
