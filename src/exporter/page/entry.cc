#include "exporter/page/entry.h"

namespace exporter::page {
namespace {

// Too old is what Block::stale_at says; that is not looked up for each of ten thousand homeservers.
State StateOf(const Snapshot* snapshot, const Homeserver& server,
              matrix_federation::SystemTime now) {
  if (snapshot == nullptr || now > snapshot->finished_at + server.probe.stale_after) {
    return State::kUnknown;
  }
  const Summary& summary = snapshot->summary;
  if (!summary.federation_ok) return State::kFailing;
  return summary.all_addresses_ok && summary.warnings == 0 ? State::kOk : State::kWarning;
}

}  // namespace

std::string_view Word(State state) {
  switch (state) {
    case State::kFailing: return "failing";
    case State::kWarning: return "warning";
    case State::kUnknown: return "unknown";
    case State::kOk: break;
  }
  return "ok";
}

Entry MakeEntry(const Row& row, matrix_federation::SystemTime now) {
  Entry entry{.row = &row, .snapshot = row.slot->TakeSnapshot()};
  entry.state = StateOf(entry.snapshot.get(), *row.server, now);
  return entry;
}

std::string_view Label(const Entry& entry) {
  switch (entry.state) {
    case State::kFailing: return "Failing";
    case State::kWarning: return entry.snapshot->summary.all_addresses_ok ? "Warning" : "Degraded";
    case State::kUnknown: return entry.snapshot ? "Stale" : "Not checked yet";
    case State::kOk: break;
  }
  return "Working";
}

Html& operator<<(Html& html, State state) {
  return html << R"(<svg class="sign )" << Word(state)
              << R"(" viewBox="0 0 20 20" aria-hidden="true"><use href="#sign-)" << Word(state)
              << R"("/></svg>)";
}

}  // namespace exporter::page
