#include "exporter/api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "exporter/api/blackbox.h"
#include "unit/exporter/api/watched_board.h"
#include "web/router.h"

namespace exporter {
namespace {

using nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RoutesTest : public testing::Test {
 protected:
  web::Response Ask(std::string method, std::string path, std::string origin = "") {
    return router_
        .Ask({.method = std::move(method),
              .path = std::move(path),
              .host = "monitor.test",
              .origin = std::move(origin)},
             [] { return true; })
        .response;
  }

  WatchedBoard watched_;
  std::vector<std::string> probed_;
  std::vector<web::Route> routes_ = ApiRoutes(
      {.board = watched_.board(),
       .settings = [] { return std::make_shared<const Settings>(); },
       .probe_now = [this](const Row& row) { probed_.push_back(row.server->server_name); },
       .external_url = "https://example.net/federation"});
  web::Router router_{routes_};
};

TEST_F(RoutesTest, LeadToTheReportOfOneServer) {
  const auto response = Ask("GET", "/api/v1/servers/other.example.com");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(ordered_json::parse(WholeBody(response))["state"], "unknown");
}

TEST_F(RoutesTest, DecodeTheNameOfAServer) {
  EXPECT_EQ(Ask("GET", "/api/v1/servers/other%2Eexample.com").status, 200U);
  EXPECT_EQ(Ask("GET", "/api/v1/servers/other%2").status, 400U);
}

TEST_F(RoutesTest, NameTheNearestOfAServerThatIsNotConfigured) {
  for (const char* method : {"GET", "POST"}) {
    const auto response = Ask(method, std::string("/api/v1/servers/matrix.example.org") +
                                          (method[0] == 'P' ? "/check" : ""));
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(ordered_json::parse(WholeBody(response))["nearest"], "example.org");
  }
  EXPECT_THAT(probed_, IsEmpty());
}

TEST_F(RoutesTest, NameAParameterThatOneServerDoesNotTake) {
  for (const char* path : {"/api/v1/servers/example.org", "/api/v1/servers/example.org/check"}) {
    const bool is_check = std::string_view(path).ends_with("/check");
    const auto response =
        router_
            .Ask({.method = is_check ? "POST" : "GET", .path = path, .query = "stat=ok"},
                 [] { return true; })
            .response;
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(ordered_json::parse(WholeBody(response))["error"],
              "unknown parameter 'stat'; this path takes none");
  }
  EXPECT_THAT(probed_, IsEmpty());
}

TEST_F(RoutesTest, LeaveFurtherParametersToClientsOfTheFederationTester) {
  const auto response = router_
                            .Ask({.method = "GET",
                                  .path = "/api/federation-ok",
                                  .query = "server_name=other.example.com&no_cache=true"},
                                 [] { return true; })
                            .response;
  EXPECT_EQ(response.status, 503U) << "never probed";
}

TEST_F(RoutesTest, AreValidJsonWhateverIsAskedFor) {
  for (const std::string& name :
       {std::string("%3C/script%3E%22%5C%FF%00"), std::string(10'000, 'x'), std::string()}) {
    const auto response = Ask("GET", "/api/v1/servers/" + name);
    EXPECT_EQ(response.status, 404U);
    EXPECT_TRUE(ordered_json::accept(WholeBody(response)));
  }
}

TEST_F(RoutesTest, HaveAServerProbed) {
  EXPECT_EQ(Ask("POST", "/api/v1/servers/example.org/check").status, 202U);
  EXPECT_THAT(probed_, ElementsAre("example.org"));
}

TEST_F(RoutesTest, HaveNothingProbedForPagesOfElsewhere) {
  EXPECT_EQ(Ask("POST", "/api/v1/servers/example.org/check", "https://attacker.test").status, 403U);
  EXPECT_THAT(probed_, IsEmpty());
  EXPECT_EQ(Ask("POST", "/api/v1/servers/example.org/check", "https://example.net").status, 202U)
      << "the external URL's origin is ours";
}

TEST_F(RoutesTest, KnowWhichMethodIsFor) {
  const auto check = Ask("GET", "/api/v1/servers/example.org/check");
  EXPECT_EQ(check.status, 405U);
  EXPECT_EQ(FieldOf(check, "Allow"), "POST");
  const auto report = Ask("POST", "/api/v1/servers/example.org");
  EXPECT_EQ(report.status, 405U);
  EXPECT_EQ(FieldOf(report, "Allow"), "GET, HEAD");
  EXPECT_EQ(Ask("POST", "/api/report").status, 405U);
  EXPECT_EQ(Ask("OPTIONS", "/api/report").status, 200U);
}

TEST_F(RoutesTest, AndTheMetricsOfProbeAreAllDocumented) {
  std::ifstream stream(PROJECT_DIRECTORY "/docs/http.md");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  for (const web::Route& route : routes_) EXPECT_THAT(text, HasSubstr("`" + route.path));
  for (const auto& metric : ProbeMetricNames()) {
    EXPECT_THAT(text, HasSubstr("`" + std::string(metric.name)));
  }
}

}  // namespace
}  // namespace exporter
