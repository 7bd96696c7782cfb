#include "conformance/vectors.h"
#include "matrix_federation/server_version.h"

namespace conformance {
namespace {

namespace mf = matrix_federation;

class VersionResponse : public testing::TestWithParam<Case> {};
class VersionOrder : public testing::TestWithParam<Case> {};
class VersionAge : public testing::TestWithParam<Case> {};

std::string TextOr(const std::optional<std::string>& text) { return text.value_or("null"); }

// The parts that a comparison looks at; "null" for each when the string cannot be taken apart.
void ExpectParts(const std::optional<mf::SoftwareVersion>& parts, const YAML::Node& expected) {
  std::vector<std::string> release;
  if (parts) {
    for (const std::uint64_t number : parts->release) release.push_back(std::to_string(number));
  }
  EXPECT_EQ(release, TextsOf(expected["release"]));
  EXPECT_EQ(parts ? TextOr(parts->prerelease) : "null", TextOf(expected["prerelease"]));
  EXPECT_EQ(parts ? TextOr(parts->extra) : "null", TextOf(expected["extra"]));
}

TEST_P(VersionResponse, Holds) {
  const Case& each = GetParam();
  const YAML::Node response = each.input["version_response"];
  const auto version =
      mf::ReadServerVersion({.asked = true,
                             .status = response["status"].as<int>(),
                             .content_type = response["headers"]["Content-Type"].as<std::string>(),
                             .body = response["body"].as<std::string>()});
  EXPECT_EQ(version.ok(), each.expected["version_ok"].as<bool>());
  EXPECT_EQ(ReasonText(version.failure), TextOf(each.expected["reason"]));
  EXPECT_EQ(TextOr(version.name), TextOf(each.expected["name"]));
  EXPECT_EQ(TextOr(version.version), TextOf(each.expected["version"]));
  ExpectParts(version.version ? mf::SoftwareVersion::Parse(*version.version) : std::nullopt,
              each.expected);
  const auto words = WordsOf(version.warnings);
  for (const std::string& warning : TextsOf(each.expected["warnings"])) {
    EXPECT_TRUE(words.contains(warning)) << warning << " is missing";
  }
}

TEST_P(VersionOrder, Holds) {
  const Case& each = GetParam();
  const auto a = mf::SoftwareVersion::Parse(each.input["compare"]["a"].as<std::string>());
  const auto b = mf::SoftwareVersion::Parse(each.input["compare"]["b"].as<std::string>());
  ASSERT_TRUE(a && b);
  const auto order = Compare(*a, *b);
  EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, each.expected["cmp"].as<int>());
}

TEST_P(VersionAge, Holds) {
  const Case& each = GetParam();
  const YAML::Node input = each.input["outdated"];
  const auto outdated =
      mf::IsOutdated(input["name"].as<std::string>(), input["version"].as<std::string>(),
                     input["latest"].as<std::map<std::string, std::string>>());
  std::string text = "null";
  if (outdated) text = *outdated ? "true" : "false";
  EXPECT_EQ(text, TextOf(each.expected["outdated"]));
}

INSTANTIATE_TEST_SUITE_P(Vectors, VersionResponse,
                         testing::ValuesIn(CasesWith("version", "version_response")), NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, VersionOrder, testing::ValuesIn(CasesWith("version", "compare")),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, VersionAge, testing::ValuesIn(CasesWith("version", "outdated")),
                         NameOf);

}  // namespace
}  // namespace conformance
