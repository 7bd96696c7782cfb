#pragma once

#include <cstdint>
#include <string_view>

#include "exporter/board.h"
#include "exporter/page/html.h"

namespace exporter::page {

/// How a homeserver is doing, the most urgent first.
enum class State : std::uint8_t {
  kFailing,
  kWarning,  // federation works, and something is to be mended
  kUnknown,  // never checked, or the result is too old to be believed
  kOk,
};
inline constexpr std::array kStates = {State::kFailing, State::kWarning, State::kUnknown,
                                       State::kOk};

/// "failing", "warning", "unknown", "ok": in URLs and class names.
std::string_view Word(State state);

/// What a page says of one homeserver. The row must outlive it.
struct Entry {
  const Row* row = nullptr;
  SnapshotPointer snapshot;  // nullptr before the first check
  State state = State::kUnknown;

  [[nodiscard]] const std::string& name() const { return row->server->server_name; }
  [[nodiscard]] const std::string& group() const { return row->server->group; }
};

Entry MakeEntry(const Row& row, matrix_federation::SystemTime now);

/// For people: "Failing", "Degraded", "Warning", "Stale", "Not checked yet", "Working".
std::string_view Label(const Entry& entry);

/// The state's sign, which says by its shape what its colour says; hidden from screen readers: the
/// label stands beside it.
Html& operator<<(Html& html, State state);

/// The sign of what there was no need to look at.
inline constexpr Markup kSkippedSign =
    R"(<svg class="sign skipped" viewBox="0 0 20 20" aria-hidden="true"><use href="#sign-skipped"/></svg>)";

}  // namespace exporter::page
