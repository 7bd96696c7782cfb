#include "exporter/api/server_report.h"

#include "exporter/api/answers.h"
#include "exporter/api/timestamp.h"

namespace exporter {
namespace {

using matrix_federation::JsonWriter;

void WriteEpisodes(JsonWriter& json, const std::vector<Episode>& episodes) {
  json.Key("episodes");
  json.Array([&] {
    for (const Episode& episode : episodes) {
      json.Object([&] {
        json.Member("state", episode.ok() ? "ok" : "failing");
        json.Member("begin", ToTimestamp(episode.begin));
        json.Member("end", ToTimestamp(episode.end));
        json.Member("probes", episode.probes);
        WriteTextOrNull(json, "check", episode.check);
        WriteTextOrNull(json, "reason", episode.reason);
      });
    }
  });
}

// What stands in for a report that was too large to be kept.
void WriteVerdict(JsonWriter& json, const Summary& summary) {
  json.Member("federation_ok", summary.federation_ok);
  json.Member("all_addresses_ok", summary.all_addresses_ok);
  WriteTextOrNull(json, "reason", summary.reason);
  WriteTextOrNull(json, "detail", summary.detail);
  json.Member("report_too_large", true);
}

}  // namespace

web::Response ServerReport(const Standing& standing) {
  const Snapshot* const last = standing.last.get();
  std::string report = last == nullptr ? "" : Unpack(last->packed_details).report;
  std::string added;
  JsonWriter json(added);
  json.Object([&] {
    if (report.empty()) json.Member("server_name", standing.server->server_name);
    WriteMembers(json, standing);
    if (last != nullptr) WriteEpisodes(json, last->episodes);
    if (last != nullptr && report.empty()) WriteVerdict(json, last->summary);
  });
  if (report.empty()) return JsonAnswer(200, std::move(added));
  report.back() = ',';  // "}" before
  report += std::string_view(added).substr(1);
  return JsonAnswer(200, std::move(report));
}

}  // namespace exporter
