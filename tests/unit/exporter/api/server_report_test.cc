#include "exporter/api/server_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/exporter/api/watched_board.h"

namespace exporter {
namespace {

using nlohmann::ordered_json;

class ServerReportTest : public testing::Test {
 protected:
  ordered_json Ask(std::size_t row = 0, matrix_federation::SystemTime now = kFinishedAt) {
    const auto response = ServerReport(StandingOf(watched_.board().rows()[row], now));
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "application/json");
    return ordered_json::parse(WholeBody(response));
  }

  WatchedBoard watched_;
};

TEST_F(ServerReportTest, BeginsWithTheReportToTheLetter) {
  watched_.Probe(HealthyObservation());
  const std::string report = Unpack(watched_.row().slot->TakeSnapshot()->packed_details).report;
  const std::string body = WholeBody(ServerReport(StandingOf(watched_.row(), kFinishedAt)));
  EXPECT_EQ(body.substr(0, report.size() - 1), report.substr(0, report.size() - 1));
}

TEST_F(ServerReportTest, HasNoMemberTwice) {
  watched_.Probe(HealthyObservation());
  const std::string body = WholeBody(ServerReport(StandingOf(watched_.row(), kFinishedAt)));
  EXPECT_EQ(body.find("\"server_name\":\"example.org\",\"group\""), std::string::npos);
  const auto report = ordered_json::parse(body);
  std::set<std::string> names;
  for (const auto& [name, value] : report.items()) EXPECT_TRUE(names.insert(name).second) << name;
}

TEST_F(ServerReportTest, AddsStateTimesAndEpisodes) {
  watched_.Probe(HealthyObservation());
  watched_.Probe(ExpiredObservation());
  ordered_json added = Ask();
  for (const char* member :
       {"server_name", "checked_at", "duration_seconds", "federation_ok", "all_addresses_ok",
        "reason", "detail", "warnings", "discovery", "endpoints", "checks"}) {
    EXPECT_EQ(added.erase(member), 1U) << member;
  }
  ExpectGolden(added.dump(1) + "\n", "api/report_additions.json");
}

TEST_F(ServerReportTest, OfAServerThatWasNeverProbedIsNoReport) {
  const auto json = Ask(1);
  EXPECT_EQ(json["server_name"], "other.example.com");
  EXPECT_EQ(json["state"], "unknown");
  EXPECT_EQ(json["last_check"], nullptr);
  EXPECT_FALSE(json.contains("federation_ok"));
}

TEST_F(ServerReportTest, SaysThatItIsStale) {
  watched_.Probe(HealthyObservation());
  EXPECT_EQ(Ask(0)["stale"], false);
  EXPECT_EQ(Ask(0, kMuchLater)["stale"], true);
}

TEST_F(ServerReportTest, SaysWhereTheReportWasTooLargeToBeKept) {
  watched_.ProbeWithTooMuchToSay(ExpiredObservation());
  const auto json = Ask();
  EXPECT_EQ(json["report_too_large"], true);
  EXPECT_EQ(json["federation_ok"], false);
  EXPECT_EQ(json["reason"], "tls_cert_expired");
}

}  // namespace
}  // namespace exporter
