#include "exporter/api/tester.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/exporter/api/watched_board.h"

namespace exporter {
namespace {

using matrix_federation::Failure;
using matrix_federation::Observation;
using matrix_federation::Reason;
using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::StartsWith;

// The key of GoodKeys in reports.cc, 32 times "k"; and digits that no double holds.
constexpr const char* kKeys =
    R"({"server_name":"example.org","valid_until_ts":1800086400000,"big":12345678901234567890.10,)"
    R"("verify_keys":{"ed25519:auto":{"key":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"}},)"
    R"("old_verify_keys":{},"signatures":{"example.org":{"ed25519:auto":"c2ln"}}})";

Observation WithBrokenIpv6() {
  Observation seen = HealthyObservation();
  auto dead = DeadEndpoint("2001:db8::10");
  seen.endpoints[0] = dead;
  return seen;
}

class TesterTest : public testing::Test {
 protected:
  static web::Request Query(std::string query) {
    return {.method = "GET", .query = std::move(query)};
  }
  web::Response Report(std::string query = "server_name=example.org",
                       matrix_federation::SystemTime now = kFinishedAt) {
    return AnswerTesterReport(watched_.board(), Query(std::move(query)), now);
  }
  web::Response Verdict(std::string query = "server_name=example.org",
                        matrix_federation::SystemTime now = kFinishedAt) {
    return AnswerTesterVerdict(watched_.board(), Query(std::move(query)), now);
  }
  // As clients read it, of both paths.
  bool IsGood(Observation seen, const std::string& keys = kKeys) {
    watched_.Probe(std::move(seen), keys);
    const auto json = ordered_json::parse(WholeBody(Report()));
    const std::string word = WholeBody(Verdict());
    EXPECT_EQ(word, json["FederationOK"].get<bool>() ? "GOOD" : "BAD");
    return word == "GOOD";
  }
  ordered_json ConnectionReport(const std::string& keys) {
    watched_.Probe(HealthyObservation(), keys);
    return ordered_json::parse(WholeBody(Report()))["ConnectionReports"]["192.0.2.10:8448"];
  }

  WatchedBoard watched_;
};

TEST_F(TesterTest, ReportsAHealthyServer) {
  watched_.Probe(HealthyObservation(), kKeys);
  ExpectGolden(WholeBody(Report()), "tester/healthy.json");
}

TEST_F(TesterTest, ReportsAnExpiredCertificate) {
  watched_.Probe(ExpiredObservation(), kKeys);
  ExpectGolden(WholeBody(Report()), "tester/expired.json");
}

TEST_F(TesterTest, ReportsIpv6ThatDoesNotWork) {
  watched_.Probe(WithBrokenIpv6(), kKeys);
  ExpectGolden(WholeBody(Report()), "tester/ipv6_broken.json");
}

TEST_F(TesterTest, ReportsANameThatDoesNotExist) {
  watched_.Probe(UnknownNameObservation());
  ExpectGolden(WholeBody(Report()), "tester/no_such_name.json");
}

TEST_F(TesterTest, SaysGoodOnlyWhereEveryAddressWorks) {
  EXPECT_TRUE(IsGood(HealthyObservation()));
  EXPECT_FALSE(IsGood(WithBrokenIpv6()));
  EXPECT_FALSE(IsGood(ExpiredObservation()));
  EXPECT_FALSE(IsGood(UnknownNameObservation(), ""));
}

TEST_F(TesterTest, SaysBadWithoutAVersion) {
  Observation seen = HealthyObservation();
  for (auto& endpoint : seen.endpoints) {
    endpoint.version = matrix_federation::ServerVersion{
        .failure = Failure{Reason::kVersionHttpStatus, "the version is 404"}};
    endpoint.version_status = 404;
  }
  EXPECT_FALSE(IsGood(seen));
  EXPECT_THAT(WholeBody(Report()), HasSubstr("\"error\": \""));
}

TEST_F(TesterTest, SaysGoodOfAVersionThatNamesNothing) {
  Observation seen = HealthyObservation();
  for (auto& endpoint : seen.endpoints) {
    endpoint.version = matrix_federation::ServerVersion{
        .failure = Failure{Reason::kVersionMissingServer, "no server member"}};
  }
  EXPECT_TRUE(IsGood(seen));
}

TEST_F(TesterTest, SaysBadOfAWellKnownFileThatNamesNoServer) {
  Observation seen = HealthyObservation();
  seen.well_known.delegated.reset();
  seen.well_known.failure = Failure{Reason::kWellknownInvalidMServer, "'m.server': 'https://x'"};
  EXPECT_FALSE(IsGood(seen));
  EXPECT_THAT(WholeBody(Report()), StartsWith("{\n  \"Error\": \"Invalid server name in"));
}

TEST_F(TesterTest, SaysBadWhereServiceRecordsLeadToAliasesOnly) {
  Observation seen = HealthyObservation();
  seen.hosts[0].is_alias = true;
  EXPECT_TRUE(IsGood(seen));
  seen.hosts[1].is_alias = true;
  EXPECT_FALSE(IsGood(seen));
}

TEST_F(TesterTest, KnowsNothingOfWhatTheOperatorExpects) {
  Observation seen = HealthyObservation();
  seen.expected.software = "Dendrite";
  EXPECT_TRUE(IsGood(seen));
}

TEST_F(TesterTest, GivesTheKeysAsTheyWereServed) {
  watched_.Probe(HealthyObservation(), kKeys);
  EXPECT_THAT(WholeBody(Report()), HasSubstr("\"big\": 12345678901234567890.10"));
}

TEST_F(TesterTest, ChecksTheKeysThatWereServed) {
  const auto with = [&](const char* what, const char* by) {
    std::string keys = kKeys;
    keys.replace(keys.find(what), std::string(what).size(), by);
    return ConnectionReport(keys);
  };
  EXPECT_EQ(ConnectionReport(kKeys)["Checks"]["AllChecksOK"], true);
  EXPECT_EQ(with("example.org", "other.org")["Checks"]["MatchingServerName"], false);
  EXPECT_EQ(with("1800086400000", "1800000000000")["Checks"]["FutureValidUntilTS"], false);
  EXPECT_EQ(with("ed25519:auto",
                 "ed25519:b")["Checks"]["Ed25519Checks"]["ed25519:b"]["MatchingSignature"],
            false);
  EXPECT_EQ(with("a2tra2tr", "a2tr")["Checks"]["Ed25519Checks"]["ed25519:auto"]["ValidEd25519"],
            false);
  EXPECT_EQ(with("a2tra2tr", "a2tr")["Ed25519VerifyKeys"], nullptr);
  EXPECT_EQ(with("ed25519:auto", "rsa:1")["Checks"]["AllEd25519ChecksOK"], nullptr);
}

TEST_F(TesterTest, LacksOnlyTheKeysWhereTheyWereTooLargeToBeKept) {
  const auto report = ConnectionReport("");
  EXPECT_EQ(report["Keys"], nullptr);
  EXPECT_EQ(report["Checks"]["AllChecksOK"], true);
}

TEST_F(TesterTest, NamesTheStatusOfKeysThatWereNotServed) {
  Observation seen = HealthyObservation();
  seen.endpoints[0].keys_status = 404;
  seen.endpoints[0].keys = matrix_federation::SigningKeys{};
  seen.endpoints[0].keys->served = Failure{Reason::kKeysHttpStatus, "the status is 404"};
  watched_.Probe(seen);
  const auto json = ordered_json::parse(WholeBody(Report()));
  EXPECT_EQ(json["ConnectionErrors"]["[2001:db8::10]:8448"]["Message"],
            "Non-200 response 404 from remote server");
}

TEST_F(TesterTest, AnswersWithTheTypesThatItsClientsKnow) {
  watched_.Probe(HealthyObservation(), kKeys);
  EXPECT_EQ(Report().content_type, "application/json");
  EXPECT_EQ(Verdict().content_type, "text/plain");
  EXPECT_EQ(WholeBody(Verdict()), "GOOD") << "without a line feed";
}

TEST_F(TesterTest, LetsPagesOfOthersRead) {
  for (const char* query : {"", "server_name=example.org", "server_name=unknown"}) {
    EXPECT_EQ(FieldOf(Report(query), "Access-Control-Allow-Origin"), "*") << query;
  }
  const auto response = AnswerTesterReport(watched_.board(), {.method = "OPTIONS"}, kFinishedAt);
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(WholeBody(response), "");
  EXPECT_EQ(FieldOf(response, "Access-Control-Allow-Origin"), "*");
}

TEST_F(TesterTest, NeedsAName) {
  EXPECT_EQ(Report("").status, 400U);
  EXPECT_EQ(Report("server_name=").status, 400U);
  EXPECT_EQ(Verdict("name=example.org").status, 400U);
}

TEST_F(TesterTest, KnowsConfiguredServersOnly) {
  const auto response = Report("server_name=exmaple.org");
  EXPECT_EQ(response.status, 404U);
  EXPECT_THAT(WholeBody(response), HasSubstr("did you mean 'example.org'?"));
}

TEST_F(TesterTest, AsksForPatienceBeforeTheFirstProbe) {
  const auto response = Verdict();
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(FieldOf(response, "Retry-After"), "5");
}

TEST_F(TesterTest, HasNoWordForAStaleResult) {
  watched_.Probe(HealthyObservation(), kKeys);
  for (const auto& response : {Verdict("server_name=example.org", kMuchLater),
                               Report("server_name=example.org", kMuchLater)}) {
    EXPECT_EQ(response.status, 503U);
    EXPECT_THAT(WholeBody(response), HasSubstr("stale: it is of 2027-01-15T08:00:00.500Z"));
  }
}

TEST_F(TesterTest, TellsWhenTheNextResultIsDue) {
  watched_.Probe(HealthyObservation(), kKeys);
  watched_.row().slot->set_next_due(kMuchLater + std::chrono::seconds(60));
  EXPECT_EQ(FieldOf(Verdict("server_name=example.org", kMuchLater), "Retry-After"), "65");
}

TEST_F(TesterTest, AdmitsThatAReportWasTooLarge) {
  watched_.ProbeWithTooMuchToSay(HealthyObservation());
  EXPECT_EQ(Report().status, 500U);
  EXPECT_EQ(Verdict().status, 500U);
}

TEST_F(TesterTest, IsValidJsonWhateverAHomeserverSays) {
  const std::string hostile = "</script>\"\\\xff\n\x01" + std::string(10'000, 'x');
  Observation seen = HealthyObservation();
  for (auto& endpoint : seen.endpoints) endpoint.version->name = hostile;
  auto chain = ChainOf(std::string(64, 'a'));
  chain->certificates[0].subject_cn = hostile;
  chain->certificates[0].dns_names = {hostile};
  seen.endpoints[0].tls->chain = chain;
  seen.hosts[0].host = hostile;
  watched_.Probe(seen, R"({"</script>":"\u0000\"","verify_keys":{"ed25519:\"<":{"key":7}}})");
  const std::string body = WholeBody(Report());
  EXPECT_TRUE(ordered_json::accept(body));
  EXPECT_EQ(body.find('<'), std::string::npos);
}

}  // namespace
}  // namespace exporter
