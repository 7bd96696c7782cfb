#include "exporter/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/exporter/golden.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using matrix_federation::Judge;
using testing::HasSubstr;

TEST(ReportText, TellsThatAllIsWell) {
  ExpectGolden(ToText(Judge(HealthyObservation())), "report/healthy.txt");
}

TEST(ReportText, TellsWhatFailedAndWhatToChange) {
  ExpectGolden(ToText(Judge(ExpiredObservation())), "report/expired.txt");
}

TEST(ReportText, CallsItNotAsExpectedWhereFederationWorks) {
  auto seen = HealthyObservation();
  seen.expected.software = "Dendrite";
  EXPECT_TRUE(ToText(Judge(std::move(seen)))
                  .starts_with("example.org: federation works, but NOT AS EXPECTED ("));
}

TEST(ReportText, TellsWhereDiscoveryEnded) {
  ExpectGolden(ToText(Judge(UnknownNameObservation())), "report/unknown_name.txt");
}

TEST(ReportText, TellsWhatIsWorthMending) {
  auto seen = HealthyObservation();
  seen.endpoints[1] = DeadEndpoint("192.0.2.10");
  seen.endpoints_truncated = 3;
  ExpectGolden(ToText(Judge(std::move(seen))), "report/warnings.txt");
}

// The trace tells of it as well, without a repair.
TEST(ReportText, CountsALostDelegationAmongWhatIsWorthMending) {
  auto seen = HealthyObservation();
  seen.well_known.delegated.reset();
  seen.well_known.served = false;
  seen.well_known.status.reset();
  seen.well_known.failure = matrix_federation::Failure{
      matrix_federation::Reason::kWellknownConnectFailed, "192.0.2.80:443 refused"};
  EXPECT_THAT(ToText(Judge(std::move(seen))),
              HasSubstr("\n     wellknown_connect_failed: 192.0.2.80:443 refused\n        Fix: "));
}

TEST(ReportText, TellsHowOftenItTried) {
  auto seen = HealthyObservation();
  seen.endpoints[0].attempts = 2;
  EXPECT_NE(ToText(Judge(std::move(seen))).find("[2001:db8::10]:8448 (attempt 2)\n"),
            std::string::npos);
}

TEST(ReportText, LetsNoNameWriteToTheTerminal) {
  auto seen = UnknownNameObservation();
  seen.queried_name = "a\x1b[31m\nb: federation works";
  const std::string text = ToText(Judge(std::move(seen)));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\nb: federation works"), std::string::npos);
}

TEST(ReportText, LetsNoCertificateWriteToTheTerminal) {
  auto seen = HealthyObservation();
  auto chain = ChainOf("f");
  chain->certificates[0].subject_cn = "\x1b]0;owned\x07";
  chain->certificates[0].issuer_cn = "a\nb";
  seen.endpoints[0].tls->chain = chain;
  const std::string text = ToText(Judge(std::move(seen)));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("a\nb"), std::string::npos);
}

}  // namespace
}  // namespace exporter
