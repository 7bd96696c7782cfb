#include "exporter/report_tap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/exporter/golden.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using matrix_federation::Judge;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ReportTap, IsATestForEachCheck) {
  ExpectGolden(ToTap(Judge(ExpiredObservation()), 0, 1, false), "report/expired.tap");
}

TEST(ReportTap, NumbersThroughAllReports) {
  const auto report = Judge(HealthyObservation());
  EXPECT_THAT(ToTap(report, 0, 2, false),
              StartsWith("TAP version 13\n1.." + std::to_string(2 * report.checks.size()) +
                         "\nok 1 - example.org: server_name_is_valid\n"));
  EXPECT_THAT(ToTap(report, 1, 2, false),
              StartsWith("ok " + std::to_string(report.checks.size() + 1) + " - "));
}

TEST(ReportTap, AWarningIsToDoUnlessStrict) {
  auto seen = HealthyObservation();
  seen.endpoints[1] = DeadEndpoint("192.0.2.10");
  const auto report = Judge(std::move(seen));
  EXPECT_THAT(ToTap(report, 0, 1, false), HasSubstr(": every_address_works # TODO a warning\n"));
  EXPECT_THAT(ToTap(report, 0, 1, true), HasSubstr(": every_address_works\n"));
}

TEST(ReportTap, TellsWhatAPassedCheckFoundAndStrictlyThatIsAFailure) {
  auto seen = HealthyObservation();
  seen.queried_name = "EXAMPLE.org";
  seen.name = matrix_federation::ServerName::Parse(seen.queried_name);
  const auto report = Judge(std::move(seen));
  ASSERT_TRUE(report.federation_ok);
  EXPECT_THAT(ToTap(report, 0, 1, false),
              HasSubstr("\nok 1 - EXAMPLE.org: server_name_is_valid\n  ---\n  warnings:\n"
                        "    - code: server_name_uppercase\n      detail: \""));
  EXPECT_THAT(ToTap(report, 0, 1, true), HasSubstr("\nnot ok 1 - EXAMPLE.org: "));
}

// A harness would pass over a failure that is marked as left out.
TEST(ReportTap, StrictlyAWarningIsAFailureBesideAVerdictThatIsNone) {
  auto report = Judge(HealthyObservation());
  const auto skipped =
      std::find_if(report.checks.begin(), report.checks.end(), [](const auto& result) {
        return result.verdict.status == matrix_federation::Status::kNotApplicable;
      });
  ASSERT_NE(skipped, report.checks.end());
  skipped->verdict.findings = {{matrix_federation::Warning::kServerNameUppercase, "so"}};
  const std::string line = std::string(": ") + std::string(skipped->check->name);
  EXPECT_THAT(ToTap(report, 0, 1, true), HasSubstr(line + "\n  ---\n  warnings:\n"));
  EXPECT_THAT(ToTap(report, 0, 1, false), HasSubstr(line + " # SKIP not applicable\n"));
}

TEST(ReportTap, LetsNoNameWriteADirectiveOrALine) {
  auto seen = UnknownNameObservation();
  seen.queried_name = "a # SKIP\nok 1";
  const std::string text = ToTap(Judge(std::move(seen)), 0, 1, false);
  EXPECT_THAT(text, Not(HasSubstr("a # SKIP")));
  EXPECT_THAT(text, Not(HasSubstr("\nok 1:")));
}

}  // namespace
}  // namespace exporter
