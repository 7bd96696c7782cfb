#include "exporter/api/standing.h"

#include <nlohmann/json.hpp>

#include "exporter/api/timestamp.h"

namespace exporter {
namespace {

using matrix_federation::SystemTime;

Json TimeOrNull(const std::optional<SystemTime>& time) {
  return time ? Json(ToTimestamp(*time)) : Json(nullptr);
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

Json ToJson(const Standing& standing) {
  const Snapshot* const last = standing.last.get();
  const Homeserver& server = *standing.server;
  Json labels = Json::object();
  for (const auto& [name, value] : server.labels) labels[name] = value;
  return {{"server_name", server.server_name},
          {"group", server.group.empty() ? Json(nullptr) : Json(server.group)},
          {"labels", std::move(labels)},
          {"state", standing.state()},
          {"stale", standing.stale},
          {"since", last == nullptr ? Json(nullptr) : Json(ToTimestamp(last->since))},
          {"last_check", last == nullptr ? Json(nullptr) : Json(ToTimestamp(last->finished_at))},
          {"last_success", last == nullptr ? Json(nullptr) : TimeOrNull(last->last_success)},
          {"next_check", TimeOrNull(standing.next_check)},
          {"probes", last == nullptr ? 0 : last->probes},
          {"failures", last == nullptr ? 0 : last->failures},
          {"consecutive_failures", last == nullptr ? 0 : last->consecutive_failures}};
}

}  // namespace exporter
