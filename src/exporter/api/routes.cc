#include "exporter/api/routes.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "exporter/api/answers.h"
#include "exporter/api/blackbox.h"
#include "exporter/api/check_requests.h"
#include "exporter/api/configuration.h"
#include "exporter/api/lookup.h"
#include "exporter/api/parameters.h"
#include "exporter/api/server_list.h"
#include "exporter/api/server_report.h"
#include "exporter/api/tester.h"
#include "web/origin.h"
#include "web/query.h"

namespace exporter {
namespace {

using std::chrono::system_clock;

constexpr std::string_view kCheck = "/check";

web::Response NotAllowed(std::string_view what, const std::string& methods) {
  web::Response response = JsonError(405, std::string(what) + " answers " + methods + " only");
  response.fields.push_back({"Allow", methods});
  return response;
}

// What stands below /api/v1/servers/: a name, or a name and "/check".
class OneServer {
 public:
  explicit OneServer(ApiSources sources)
      : board_(sources.board),
        requests_(std::move(sources.probe_now), web::OriginOf(sources.external_url)) {}

  web::Response Answer(const web::Request& request) {
    std::string_view encoded = request.rest;
    const bool is_check = encoded.ends_with(kCheck);
    if (is_check) encoded.remove_suffix(kCheck.size());
    const bool is_post = request.method == "POST";
    if (is_check && !is_post) return NotAllowed("a check", "POST");
    if (!is_check && is_post) return NotAllowed("a homeserver", "GET, HEAD");
    if (is_check && requests_.IsForbidden(request)) {
      return JsonError(403, "a page of another origin asks for a check");
    }
    std::string error;
    if (!Parameters::Read(request.query, {}, error)) return JsonError(400, error);
    const auto name = web::PercentDecode(encoded);
    if (!name) {
      return JsonError(400,
                       "the name is badly encoded: '%' has to be followed by two hexadecimal "
                       "digits");
    }
    const Row* const row = board_.Find(*name);
    if (row == nullptr) return Unknown(*name);
    return is_check ? requests_.Answer(*row, std::chrono::steady_clock::now())
                    : ServerReport(StandingOf(*row, system_clock::now()));
  }

 private:
  [[nodiscard]] web::Response Unknown(const std::string& name) const {
    const auto [sentence, nearest] = WhyAbsent(board_, name);
    return JsonError(404, sentence, {{"nearest", nearest.empty() ? Json(nullptr) : Json(nearest)}});
  }

  const Board& board_;
  CheckRequests requests_;
};

}  // namespace

std::vector<web::Route> ApiRoutes(ApiSources sources) {
  const Board& board = sources.board;
  const auto settings = sources.settings;
  const auto one = std::make_shared<OneServer>(std::move(sources));
  const auto with_clock = [&board](auto answer) {
    return [&board, answer](const web::Request& request) {
      return answer(board, request, system_clock::now());
    };
  };
  return {
      {.path = "/api/v1/servers",
       .summary = "JSON: the homeservers and their state; state=, group=, limit=, offset=",
       .handler = with_clock(ListServers),
       .takes_parameters = true},
      {.path = "/api/v1/servers/",
       .summary = "JSON: NAME has its last report; POST NAME/check checks it now",
       .handler = [one](const web::Request& request) { return one->Answer(request); },
       .methods = {"GET", "HEAD", "POST"},
       .prefix = true,
       .takes_parameters = true},
      {.path = "/api/report",
       .summary = "the last report as matrix-federation-tester words it; server_name=",
       .handler = with_clock(AnswerTesterReport),
       .methods = kTesterMethods,
       .takes_parameters = true},
      {.path = "/api/federation-ok",
       .summary = "GOOD or BAD, as matrix-federation-tester says it; server_name=",
       .handler = with_clock(AnswerTesterVerdict),
       .methods = kTesterMethods,
       .takes_parameters = true},
      {.path = "/probe",
       .summary = "the last result as blackbox_exporter's metrics; target=",
       .handler = with_clock(AnswerProbe),
       .takes_parameters = true},
      {.path = "/config",
       .summary = "the configuration in force, as YAML",
       .handler =
           [&board, settings](const web::Request& request) {
             return ShowConfiguration(*settings(), board, request);
           }},
  };
}

}  // namespace exporter
