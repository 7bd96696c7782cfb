#include "exporter/explain_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "matrix_federation/check.h"
#include "unit/exporter/golden.h"

namespace exporter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Explain, TellsOfAReason) { ExpectGolden(Explain({"dns_nodata"}).text, "explain/reason.txt"); }

TEST(Explain, TellsOfAWarning) {
  ExpectGolden(Explain({"clock_skew"}).text, "explain/warning.txt");
}

TEST(Explain, TellsOfACheck) {
  ExpectGolden(Explain({"server_name_is_valid"}).text, "explain/check.txt");
}

TEST(Explain, KnowsEveryWordAndCheck) {
  std::vector<std::string> words;
  for (const auto& row : matrix_federation::kReasonRows) words.emplace_back(row.word);
  for (const auto& row : matrix_federation::kWarningRows) words.emplace_back(row.word);
  for (const auto* check : matrix_federation::AllChecks()) words.emplace_back(check->name);
  EXPECT_THAT(Explain(words).mistakes, IsEmpty());
}

TEST(Explain, TellsBothOfAWordThatIsReasonAndWarning) {
  const std::string text = Explain({"srv_target_no_address"}).text;
  EXPECT_THAT(text, HasSubstr("srv_target_no_address (reason): "));
  EXPECT_THAT(text, HasSubstr("\n\nsrv_target_no_address (warning): "));
}

TEST(Explain, TellsInTheOrderOfTheWords) {
  const std::string text = Explain({"version_is_reported", "clock_skew"}).text;
  EXPECT_TRUE(text.starts_with("version_is_reported (check, warning)\n"));
  EXPECT_THAT(text, HasSubstr("\n\nclock_skew (warning): "));
}

TEST(Explain, NamesTheNearestWord) {
  EXPECT_THAT(Explain({"tls_cert_expird"}).mistakes,
              ElementsAre("'tls_cert_expird' is no reason, warning or check; did you mean "
                          "tls_cert_expired?"));
  EXPECT_THAT(Explain({"certificate_in_date"}).mistakes,
              ElementsAre(HasSubstr("did you mean certificate_is_in_date?")));
}

TEST(Explain, PointsToTheListsWhenNoWordIsNear) {
  EXPECT_THAT(Explain({"frobnication"}).mistakes,
              ElementsAre("'frobnication' is no reason, warning or check; --print-reasons and "
                          "--print-checks list them"));
}

TEST(Explain, TellsNothingWhenAWordIsUnknown) {
  const Explained explained = Explain({"clock_skew", "nonsense_one", "nonsense_two"});
  EXPECT_EQ(explained.text, "");
  EXPECT_EQ(explained.mistakes.size(), 2U);
}

}  // namespace
}  // namespace exporter
