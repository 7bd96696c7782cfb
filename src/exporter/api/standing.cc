#include "exporter/api/standing.h"

#include "exporter/api/timestamp.h"

namespace exporter {
namespace {

using matrix_federation::JsonWriter;
using matrix_federation::SystemTime;

void WriteTime(JsonWriter& json, std::string_view key, const std::optional<SystemTime>& time) {
  WriteTextOrNull(json, key, time ? ToTimestamp(*time) : "");
}

}  // namespace

std::string_view Standing::state() const {
  if (last == nullptr) return "unknown";
  return last->summary.federation_ok ? "ok" : "failing";
}

Standing StandingOf(const Row& row, SystemTime now) {
  Standing standing{.server = row.server, .last = row.slot->TakeSnapshot()};
  if (row.slot->next_due() != SystemTime()) standing.next_check = row.slot->next_due();
  if (standing.last == nullptr) return standing;
  const auto stale_at = row.slot->Take()->stale_at;
  standing.stale = !stale_at || now > *stale_at;
  return standing;
}

void WriteMembers(JsonWriter& json, const Standing& standing) {
  static const Snapshot kNone;
  const Snapshot& last = standing.last == nullptr ? kNone : *standing.last;
  const auto if_probed = [&](SystemTime time) {
    return standing.last == nullptr ? std::nullopt : std::optional(time);
  };
  WriteTextOrNull(json, "group", standing.server->group);
  json.Key("labels");
  json.Object([&] {
    for (const auto& [name, value] : standing.server->labels) json.Member(name, value);
  });
  json.Member("state", standing.state());
  json.Member("stale", standing.stale);
  WriteTime(json, "since", if_probed(last.since));
  WriteTime(json, "last_check", if_probed(last.finished_at));
  WriteTime(json, "last_success", last.last_success);
  WriteTime(json, "next_check", standing.next_check);
  json.Member("probes", last.probes);
  json.Member("failures", last.failures);
  json.Member("consecutive_failures", last.consecutive_failures);
}

void WriteTextOrNull(JsonWriter& json, std::string_view key, std::string_view text) {
  json.Key(key);
  text.empty() ? json.Value(nullptr) : json.Value(text);
}

}  // namespace exporter
