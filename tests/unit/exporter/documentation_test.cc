#include "exporter/documentation.h"

#include <gtest/gtest.h>

#include "exporter/instruments.h"
#include "exporter/metrics.h"
#include "matrix_federation/check.h"

namespace exporter {
namespace {

TEST(CheckList, HasEveryCheckWithItsWords) {
  const std::string list = CheckList();
  for (const matrix_federation::Check* check : matrix_federation::AllChecks()) {
    std::string entry = "\n## " + std::string(check->name) + "\n\n" + std::string(check->summary) +
                        " (*" + std::string(Word(check->severity)) + "*; " +
                        std::string(check->citation) + ")\n\nFails with";
    for (const std::string_view code : check->codes) entry += " `" + std::string(code) + "`";
    EXPECT_NE(list.find(entry + ".\n"), std::string::npos) << check->name;
  }
}

TEST(MetricCatalogue, HasEveryFamily) {
  const std::string catalogue = MetricCatalogue();
  const auto expect_row = [&](std::string_view name, std::string_view type) {
    const std::string row = "\n| `" + std::string(name) + "` | " + std::string(type) + " | ";
    EXPECT_NE(catalogue.find(row), std::string::npos) << name;
  };
  for (const MetricDef& metric : AllMetrics()) expect_row(metric.name, Word(metric.type));
  for (const InstrumentDef& row : AllInstruments()) expect_row(row.name, row.type);
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
    const std::string row = "\n| `" + std::string(word) + "` | " + std::string(sentence) + " |\n";
    EXPECT_NE(list.find(row), std::string::npos) << word;
  };
  for (const auto& [word, sentence] : matrix_federation::kReasonRows) expect_row(word, sentence);
  for (const auto& [word, sentence] : matrix_federation::kWarningRows) expect_row(word, sentence);
}

TEST(VersionText, NamesTheProgramAndItsVersion) {
  EXPECT_TRUE(VersionText().starts_with("matrix-federation-exporter, version "));
}

}  // namespace
}  // namespace exporter
