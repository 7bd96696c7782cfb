#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/state_record.h"

namespace exporter {

// The state file: a signature, the version of the format, when it was written, the names of the
// families that its results hold; frames of records, each packed, with its length before it; the
// SHA-256 of all that. docs/state.md has the bytes.

inline constexpr std::uint32_t kStateVersion = 3;
/// A frame unpacked has not more, mostly a hundredth of it: neither side ever holds the whole file.
inline constexpr std::size_t kFrameMax = std::size_t{16} * 1024 * 1024;

/// Writes a state file beside the one that is there, and puts it in its place when it is whole and
/// on the disk. The first error ends it.
class StateFileWriter {
 public:
  StateFileWriter(std::string file, matrix_federation::SystemTime now);
  /// What was not committed is removed.
  ~StateFileWriter();
  StateFileWriter(const StateFileWriter&) = delete;
  StateFileWriter& operator=(const StateFileWriter&) = delete;

  /// Adds a frame with these records of AppendRecord, if there are any.
  void Append(std::string_view records);

  /// Whether the new file is in place, to survive the machine as well.
  bool Commit();

  /// A sentence; empty while all is well.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  class Checksum;

  void WriteSize(std::size_t size);
  void Write(std::string_view bytes);
  void Fail(std::string_view what);

  std::string file_;
  std::string temporary_;
  std::string error_;
  std::unique_ptr<Checksum> checksum_;
  int descriptor_ = -1;
};

/// What a state file holds.
struct StoredState {
  enum class Outcome : std::uint8_t {
    kRead,
    kAbsent,   // there is no file
    kDamaged,  // not one of ours, of an older format, cut short, altered, or unreadable
    kNewer,    // of a format that this program does not know yet
  };

  Outcome outcome = Outcome::kRead;
  std::string problem;        // of kDamaged: a clause
  std::uint32_t version = 0;  // of kNewer
  matrix_federation::SystemTime written_at;
  StateRecords records;  // only of kRead
  /// How many others contradict themselves: one homeserver's must not cost all the others theirs.
  std::size_t wrong_records = 0;
};

/// Reads the records of the servers that are `wanted`. The checksum is verified before anything
/// else is believed.
StoredState ReadStateFile(const std::string& file,
                          const std::function<bool(const std::string&)>& wanted);

}  // namespace exporter
