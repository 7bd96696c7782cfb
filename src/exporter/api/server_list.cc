#include "exporter/api/server_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "exporter/api/parameters.h"
#include "exporter/api/standing.h"
#include "exporter/api/timestamp.h"
#include "exporter/yaml_node.h"

namespace exporter {
namespace {

using matrix_federation::SystemTime;

// Of a part: a few milliseconds of work, between which other clients are answered.
constexpr std::size_t kPartSize = std::size_t{256} * 1024;

Json TextOrNull(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json LifetimeOrNull(const std::optional<CertificateLifetime>& lifetime) {
  if (!lifetime) return nullptr;
  return {{"not_before", ToTimestamp(lifetime->not_before)},
          {"not_after", ToTimestamp(lifetime->not_after)}};
}

Json CountJson(const AddressCount& count) {
  return {{"all", count.all}, {"healthy", count.healthy}};
}

void AddSummary(const Summary& summary, Json& json) {
  Json warnings = Json::array();
  for (const std::string_view code : summary.WarningWords()) warnings.push_back({{"code", code}});
  Json certificates = Json::object();
  for (const Role role : {Role::kFederation, Role::kWellKnown}) {
    certificates[std::string(Word(role))] =
        LifetimeOrNull(summary.certificates.at(static_cast<std::size_t>(role)));
  }
  json["all_addresses_ok"] = summary.all_addresses_ok;
  json["check"] = TextOrNull(summary.check);
  json["reason"] = TextOrNull(summary.reason);
  json["detail"] = TextOrNull(summary.detail);
  json["warnings"] = std::move(warnings);
  json["discovery"] = {{"method", TextOrNull(summary.method)},
                       {"destination", TextOrNull(summary.destination)}};
  json["addresses"] = {{"ipv4", CountJson(summary.ipv4)}, {"ipv6", CountJson(summary.ipv6)}};
  json["certificates"] = std::move(certificates);
  json["software"] = TextOrNull(summary.software);
  json["version"] = TextOrNull(summary.version);
  json["duration_seconds"] = std::chrono::duration<double>(summary.duration).count();
}

// The array in parts.
class Parts {
 public:
  explicit Parts(std::vector<Standing> shown) : shown_(std::move(shown)) {}

  std::string_view operator()() {
    part_.clear();
    if (ended_) return {};
    if (next_ == 0) part_ = "[";
    while (next_ < shown_.size() && part_.size() < kPartSize) {
      part_ += next_ == 0 ? "\n" : ",\n";
      const Standing& standing = shown_[next_++];
      Json json = ToJson(standing);
      if (standing.last != nullptr) AddSummary(standing.last->summary, json);
      part_ += Dump(json);
    }
    ended_ = next_ == shown_.size();
    if (ended_) part_ += "\n]\n";
    return part_;
  }

 private:
  std::vector<Standing> shown_;
  std::string part_;
  std::size_t next_ = 0;
  bool ended_ = false;
};

// Which homeservers are asked for.
struct Selection {
  const std::string* state = nullptr;  // nullptr: any
  const std::string* group = nullptr;
  std::size_t offset = 0;
  std::size_t limit = 0;
};

std::optional<Selection> ReadSelection(const Parameters& parameters, std::string& error) {
  Selection selection{.state = parameters.Find("state"), .group = parameters.Find("group")};
  if (selection.state != nullptr &&
      std::find(std::begin(kStates), std::end(kStates), *selection.state) == std::end(kStates)) {
    error = "state is " + Quote(*selection.state) + "; ok, failing and unknown are allowed";
    return std::nullopt;
  }
  const auto offset = parameters.Number("offset", 0, error);
  const auto limit = parameters.Number("limit", std::string::npos, error);
  if (!offset || !limit) return std::nullopt;
  selection.offset = *offset;
  selection.limit = *limit;
  return selection;
}

}  // namespace

web::Response ListServers(const Board& board, const web::Request& request, SystemTime now) {
  std::string error;
  const auto parameters =
      Parameters::Read(request.query, {"state", "group", "limit", "offset"}, error);
  const auto selection = parameters ? ReadSelection(*parameters, error) : std::nullopt;
  if (!selection) return JsonError(400, error);
  std::vector<Standing> shown;
  std::size_t matching = 0;
  for (const Row& row : board.rows()) {
    if (selection->group != nullptr && row.server->group != *selection->group) continue;
    Standing standing = StandingOf(row, now);
    if (selection->state != nullptr && standing.state() != *selection->state) continue;
    const bool is_shown = matching >= selection->offset && shown.size() < selection->limit;
    if (is_shown) shown.push_back(std::move(standing));
    ++matching;
  }
  web::Response response =
      InParts(JsonAnswer(200, ""), web::Parts(Parts(std::move(shown))), request.gzip);
  response.fields.push_back({"X-Total-Count", std::to_string(matching)});
  return response;
}

}  // namespace exporter
