#include "exporter/api/server_report.h"

#include <nlohmann/json.hpp>

#include "exporter/api/timestamp.h"

namespace exporter {
namespace {

Json EpisodeJson(const Episode& episode) {
  return {{"state", episode.ok() ? "ok" : "failing"},
          {"begin", ToTimestamp(episode.begin)},
          {"end", ToTimestamp(episode.end)},
          {"probes", episode.probes},
          {"check", episode.ok() ? Json(nullptr) : Json(episode.check)},
          {"reason", episode.ok() ? Json(nullptr) : Json(episode.reason)}};
}

// What stands in a report that was too large to be kept.
Json Verdict(const Summary& summary) {
  return {{"federation_ok", summary.federation_ok},
          {"all_addresses_ok", summary.all_addresses_ok},
          {"reason", summary.reason.empty() ? Json(nullptr) : Json(summary.reason)},
          {"detail", summary.detail.empty() ? Json(nullptr) : Json(summary.detail)},
          {"report_too_large", true}};
}

}  // namespace

web::Response ServerReport(const Standing& standing) {
  Json members = ToJson(standing);
  if (standing.last == nullptr) return JsonAnswer(200, Dump(members));
  Json episodes = Json::array();
  for (const Episode& episode : standing.last->episodes) episodes.push_back(EpisodeJson(episode));
  members["episodes"] = std::move(episodes);
  std::string report = Unpack(standing.last->packed_details).report;
  if (report.empty()) {
    members.update(Verdict(standing.last->summary));
    return JsonAnswer(200, Dump(members));
  }
  members.erase("server_name");
  report.back() = ',';  // "}" before
  report += std::string_view(Dump(members)).substr(1);
  return JsonAnswer(200, std::move(report));
}

}  // namespace exporter
