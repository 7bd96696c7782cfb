#include "exporter/documentation.h"

#include <gtest/gtest.h>

#include "matrix_federation/check.h"

namespace exporter {
namespace {

TEST(CheckList, HasEveryCheckWithItsWords) {
  const std::string list = CheckList();
  for (const matrix_federation::Check* check : matrix_federation::AllChecks()) {
    std::string entry = std::string(check->name) + " (" + std::string(Word(check->severity)) +
                        ")\n    " + std::string(check->summary) +
                        "\n    Source: " + std::string(check->citation) + "\n    Fails with:";
    for (const std::string_view code : check->codes) entry += " " + std::string(code);
    EXPECT_NE(list.find(entry + "\n"), std::string::npos) << check->name;
  }
}

TEST(VersionText, NamesTheProgramAndItsVersion) {
  EXPECT_TRUE(VersionText().starts_with("matrix-federation-exporter, version "));
}

}  // namespace
}  // namespace exporter
