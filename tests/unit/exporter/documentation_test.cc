#include "exporter/documentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "exporter/instruments.h"
#include "exporter/metrics.h"
#include "matrix_federation/check.h"
#include "matrix_federation/explanation.h"

namespace exporter {
namespace {

using matrix_federation::AllChecks;
using matrix_federation::Check;
using testing::HasSubstr;

std::string ReadDocument(const std::string& name) {
  std::ifstream file(PROJECT_DIRECTORY "/docs/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Documents, AreWhatTheProgramPrints) {
  EXPECT_EQ(ReadDocument("metrics.md"), MetricCatalogue()) << "run scripts/update-docs";
  EXPECT_EQ(ReadDocument("checks.md"), CheckList()) << "run scripts/update-docs";
  EXPECT_EQ(ReadDocument("reasons.md"), ReasonList()) << "run scripts/update-docs";
}

TEST(CheckList, HasEveryCheckWithItsTexts) {
  const std::string list = CheckList();
  for (const Check* check : AllChecks()) {
    const std::string entry =
        "\n## " + std::string(check->name) + "\n\n" + std::string(check->summary) + " (*" +
        std::string(Word(check->severity)) + "*; " + std::string(check->citation) +
        ")\n\n**Why it matters.** " + std::string(check->why) + "\n\n**How to fix it.** " +
        std::string(check->fix) + "\n\nFails with ";
    EXPECT_THAT(list, HasSubstr(entry)) << check->name;
  }
}

TEST(CheckList, ListsTheChecksInTheirOrder) {
  const std::string list = CheckList();
  int place = 0;
  for (const Check* check : AllChecks()) {
    const std::string name(check->name);
    EXPECT_THAT(list, HasSubstr("\n| " + std::to_string(++place) + " | [`" + name + "`](#" + name +
                                ") | "));
  }
}

TEST(CheckList, LinksTheWordsOfEachCheck) {
  EXPECT_THAT(CheckList(),
              HasSubstr("\nFails with [`tls_cert_expired`](reasons.md#tls_cert_expired) "
                        "[`tls_cert_not_yet_valid`](reasons.md#tls_cert_not_yet_valid).\n"));
  EXPECT_THAT(
      CheckList(),
      HasSubstr("\nMay warn with [`server_name_uppercase`](reasons.md#server_name_uppercase) "));
}

TEST(CheckList, SaysWhatTakesPrecedence) {
  EXPECT_THAT(CheckList(), HasSubstr("\n## Order of precedence\n"));
}

TEST(MetricCatalogue, HasEveryFamily) {
  const std::string catalogue = MetricCatalogue();
  const auto expect_row = [&](std::string_view name, std::string_view type) {
    const std::string row = "\n| `" + std::string(name) + "` | " + std::string(type) + " | ";
    EXPECT_NE(catalogue.find(row), std::string::npos) << name;
  };
  for (const MetricDef& metric : AllMetrics()) expect_row(metric.name, Word(metric.type));
  for (const InstrumentDef& row : AllInstruments()) expect_row(row.name, Word(row.type));
}

TEST(MetricCatalogue, HasLabelsAndHelp) {
  EXPECT_NE(
      MetricCatalogue().find(
          "\n| `matrix_federation_srv_records` | gauge | `record` | SRV records found, for each "
          "name that discovery asked for. |\n"),
      std::string::npos);
}

TEST(ReasonList, HasEveryWord) {
  const std::string list = ReasonList();
  const auto expect_row = [&](std::string_view word, std::string_view sentence) {
    EXPECT_THAT(list, HasSubstr("\n| `" + std::string(word) + "` | [" + std::string(sentence) +
                                "](#" + std::string(word) + ") |\n"));
  };
  for (const auto& [word, sentence] : matrix_federation::kReasonRows) expect_row(word, sentence);
  for (const auto& [word, sentence] : matrix_federation::kWarningRows) expect_row(word, sentence);
}

// An anchor of its own for each, which alerts can link to.
TEST(ReasonList, HasOneSectionForEachWord) {
  const std::string list = ReasonList();
  const auto expect_section = [&](std::string_view word) {
    const std::string heading = "\n### " + std::string(word) + "\n";
    const std::size_t first = list.find(heading);
    EXPECT_NE(first, std::string::npos) << word;
    EXPECT_EQ(list.find(heading, first + 1), std::string::npos) << word;
  };
  for (const auto& row : matrix_federation::kReasonRows) expect_section(row.word);
  for (const auto& row : matrix_federation::kWarningRows) expect_section(row.word);
}

TEST(ReasonList, SaysWhatWhyAndHow) {
  const auto& explanation = ExplanationOf(matrix_federation::Warning::kClockSkew);
  EXPECT_THAT(ReasonList(),
              HasSubstr("\n### clock_skew\n\n" + std::string(explanation.meaning) +
                        "\n\n**Why it matters.** " + std::string(explanation.why) +
                        "\n\n**How to fix it.** " + std::string(explanation.fix) +
                        "\n\nFound by [`clock_is_right`](checks.md#clock_is_right).\n"));
}

TEST(ReasonList, SaysBothOfAWordThatIsReasonAndWarning) {
  const std::string list = ReasonList();
  const std::size_t section = list.find("\n### srv_target_no_address\n");
  const std::size_t warning = list.find("\n**As a warning:**\n", section);
  EXPECT_LT(warning, list.find("\n### ", section + 1));
}

TEST(VersionText, NamesTheProgramAndItsVersion) {
  EXPECT_TRUE(VersionText().starts_with("matrix-federation-exporter, version "));
}

}  // namespace
}  // namespace exporter
