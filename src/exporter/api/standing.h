#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "exporter/api/answers.h"
#include "exporter/board.h"

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

/// The members that a list has of a homeserver and that are added to its report: name, group,
/// labels, state, when it was checked and how often.
Json ToJson(const Standing& standing);

}  // namespace exporter
