#include "exporter/api/server_list.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "exporter/api/answers.h"
#include "exporter/api/parameters.h"
#include "exporter/api/standing.h"
#include "exporter/api/timestamp.h"
#include "exporter/yaml_node.h"

namespace exporter {
namespace {

using matrix_federation::JsonWriter;
using matrix_federation::SystemTime;

// Of a part: a few milliseconds of work, between which other clients are answered.
constexpr std::size_t kPartSize = std::size_t{256} * 1024;

void WriteLifetime(JsonWriter& json, Role role,
                   const std::optional<CertificateLifetime>& lifetime) {
  json.Key(Word(role));
  if (!lifetime) return json.Value(nullptr);
  json.Object([&] {
    json.Member("not_before", ToTimestamp(lifetime->not_before));
    json.Member("not_after", ToTimestamp(lifetime->not_after));
  });
}

void WriteCount(JsonWriter& json, std::string_view key, const AddressCount& count) {
  json.Key(key);
  json.Object([&] {
    json.Member("all", count.all);
    json.Member("healthy", count.healthy);
  });
}

void WriteWarnings(JsonWriter& json, const Summary& summary) {
  json.Key("warnings");
  json.Array([&] {
    for (const std::string_view code : summary.WarningWords()) {
      json.Object([&] { json.Member("code", code); });
    }
  });
}

void WriteSummary(JsonWriter& json, const Summary& summary) {
  json.Member("all_addresses_ok", summary.all_addresses_ok);
  WriteTextOrNull(json, "check", summary.check);
  WriteTextOrNull(json, "reason", summary.reason);
  WriteTextOrNull(json, "detail", summary.detail);
  WriteWarnings(json, summary);
  json.Key("discovery");
  json.Object([&] {
    WriteTextOrNull(json, "method", summary.method);
    WriteTextOrNull(json, "destination", summary.destination);
  });
  json.Key("addresses");
  json.Object([&] {
    WriteCount(json, "ipv4", summary.ipv4);
    WriteCount(json, "ipv6", summary.ipv6);
  });
  json.Key("certificates");
  json.Object([&] {
    for (const Role role : {Role::kFederation, Role::kWellKnown}) {
      WriteLifetime(json, role, summary.certificates.at(static_cast<std::size_t>(role)));
    }
  });
  WriteTextOrNull(json, "software", summary.software);
  WriteTextOrNull(json, "version", summary.version);
  json.Member("duration_seconds", std::chrono::duration<double>(summary.duration).count());
}

void WriteServer(const Standing& standing, std::string& out) {
  JsonWriter json(out);
  json.Object([&] {
    json.Member("server_name", standing.server->server_name);
    WriteMembers(json, standing);
    if (standing.last != nullptr) WriteSummary(json, standing.last->summary);
  });
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
      WriteServer(shown_[next_++], part_);
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
