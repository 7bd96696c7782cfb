#include "exporter/api/blackbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/exporter/api/watched_board.h"

namespace exporter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BlackboxTest : public testing::Test {
 protected:
  web::Response Ask(std::string query, matrix_federation::SystemTime now = kFinishedAt,
                    std::string accept = "") {
    return AnswerProbe(watched_.board(), {.query = std::move(query), .accept = std::move(accept)},
                       now);
  }
  std::string Probe(matrix_federation::Observation seen) {
    watched_.Probe(std::move(seen));
    const auto response = Ask("target=example.org");
    EXPECT_EQ(response.status, 200U);
    return WholeBody(response);
  }

  WatchedBoard watched_;
};

TEST_F(BlackboxTest, ShowsAHealthyServer) {
  ExpectGolden(Probe(HealthyObservation()), "api/probe_healthy.prom");
}

TEST_F(BlackboxTest, ShowsAnExpiredCertificate) {
  ExpectGolden(Probe(ExpiredObservation()), "api/probe_expired.prom");
}

TEST_F(BlackboxTest, ShowsLittleOfANameThatDoesNotExist) {
  ExpectGolden(Probe(UnknownNameObservation()), "api/probe_no_such_name.prom");
}

TEST_F(BlackboxTest, IsFineForPromtool) { ExpectPromtoolAgrees(Probe(HealthyObservation())); }

TEST_F(BlackboxTest, ShowsTheAddressThatWorks) {
  auto seen = HealthyObservation();
  seen.endpoints[0] = DeadEndpoint("2001:db8::10");
  const std::string body = Probe(std::move(seen));
  EXPECT_THAT(SamplesOf(body, "probe_ip_protocol"), ElementsAre("probe_ip_protocol 4"));
  EXPECT_THAT(SamplesOf(body, "probe_success"), ElementsAre("probe_success 1"));
}

TEST_F(BlackboxTest, ShowsNoResponseAsStatusZero) {
  auto seen = HealthyObservation();
  seen.endpoints = {DeadEndpoint("192.0.2.10")};
  const std::string body = Probe(std::move(seen));
  EXPECT_THAT(SamplesOf(body, "probe_http_status_code"), ElementsAre("probe_http_status_code 0"));
  EXPECT_THAT(SamplesOf(body, "probe_http_ssl"), ElementsAre("probe_http_ssl 0"));
  EXPECT_THAT(SamplesOf(body, "probe_ssl_earliest_cert_expiry"), IsEmpty());
}

TEST_F(BlackboxTest, SpeaksOpenMetricsToWhoPrefersIt) {
  watched_.Probe(HealthyObservation());
  const auto response =
      Ask("target=example.org", kFinishedAt, "application/openmetrics-text;version=1.0.0");
  EXPECT_THAT(response.content_type, HasSubstr("application/openmetrics-text"));
  EXPECT_TRUE(response.negotiated);
  EXPECT_TRUE(WholeBody(response).ends_with("\n# EOF\n"));
}

TEST_F(BlackboxTest, TakesNoNoticeOfTheModule) {
  watched_.Probe(HealthyObservation());
  EXPECT_EQ(Ask("module=http_2xx&target=example.org").status, 200U);
}

TEST_F(BlackboxTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Ask("").status, 400U);
  EXPECT_EQ(Ask("target=").status, 400U);
  const auto response = Ask("target=example.org&debug=true");
  EXPECT_EQ(response.status, 400U);
  EXPECT_THAT(WholeBody(response), HasSubstr("known are: target, module"));
}

TEST_F(BlackboxTest, KnowsConfiguredServersOnly) {
  const auto response = Ask("target=attacker.test");
  EXPECT_EQ(response.status, 404U);
  EXPECT_THAT(WholeBody(response), HasSubstr("not a configured homeserver"));
}

TEST_F(BlackboxTest, FailsAScrapeWithoutAResultThatIsTrueNow) {
  EXPECT_EQ(Ask("target=other.example.com").status, 503U);
  watched_.Probe(HealthyObservation());
  EXPECT_EQ(Ask("target=example.org", kMuchLater).status, 503U);
}

TEST_F(BlackboxTest, ShowsTheVerdictWhereTheReportWasTooLargeToBeKept) {
  watched_.ProbeWithTooMuchToSay(HealthyObservation());
  const std::string body = WholeBody(Ask("target=example.org"));
  EXPECT_THAT(SamplesOf(body, "probe_success"), ElementsAre("probe_success 1"));
  EXPECT_THAT(body, HasSubstr("probe_ssl_earliest_cert_expiry"));
}

TEST_F(BlackboxTest, SurvivesWhatCertificatesSay) {
  auto seen = HealthyObservation();
  auto chain = ChainOf(std::string(64, 'a'));
  chain->certificates[0].subject_cn = "\"} 1\n\xff" + std::string(10'000, 'x');
  chain->certificates[0].dns_names = {"a\nb\\", std::string(10'000, 'y')};
  seen.endpoints[0].tls->chain = chain;
  const std::string body = Probe(std::move(seen));
  ExpectPromtoolAgrees(body);
  EXPECT_LT(body.size(), 6000U);
}

}  // namespace
}  // namespace exporter
