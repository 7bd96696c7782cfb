#include "matrix_federation/server_version.h"

#include <gtest/gtest.h>

#include "fakes/federation_client.h"

namespace matrix_federation {
namespace {

using fakes::JsonAnswer;

int Order(const char* a, const char* b) {
  const auto order = Compare(SoftwareVersion::Parse(a).value(), SoftwareVersion::Parse(b).value());
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::string ReasonForBody(const std::string& body) {
  const ServerVersion version = ReadServerVersion(JsonAnswer(200, body));
  return version.ok() ? "ok" : std::string(Word(version.failure->reason));
}

TEST(SoftwareVersion, RisesFromPreReleaseToCommitsAfterTheRelease) {
  const std::vector<const char*> rising = {
      "1.2.0.dev1", "1.2.0-alpha", "1.2.0b1",           "1.2.0-pre1", "1.2.0rc1", "1.2.0-rc.2",
      "1.2.0",      "1.2.0-12",    "1.2.0-13-gabcdef0", "1.2.1",      "1.10"};
  for (std::size_t i = 0; i + 1 < rising.size(); ++i) {
    EXPECT_EQ(Order(rising[i], rising[i + 1]), -1) << rising[i] << " before " << rising[i + 1];
    EXPECT_EQ(Order(rising[i + 1], rising[i]), 1) << rising[i + 1] << " after " << rising[i];
  }
}

TEST(SoftwareVersion, IsTheSameInDifferentSpellings) {
  EXPECT_EQ(Order("1.2", "1.2.0.0"), 0);
  EXPECT_EQ(Order("v1.2", "1.2"), 0);
  EXPECT_EQ(Order("1.2.0rc10", "1.2.0-rc.10"), 0);
  EXPECT_EQ(Order("1.2.0+abc", "1.2.0 (def)"), 0);
  EXPECT_EQ(Order("1.2.0-ALPHA", "1.2.0a"), 0);
}

TEST(SoftwareVersion, IsUnknownWithoutADigitAtItsStart) {
  for (const char* text : {"", " ", "main", "v", "-1", "(1.0)", "99999999999999999999999"}) {
    EXPECT_FALSE(SoftwareVersion::Parse(text)) << text;
  }
}

TEST(IsOutdated, SaysNothingOfUnknownImplementations) {
  EXPECT_EQ(IsOutdated("Example", "1.0", {{"Synapse", "2.0"}}), std::nullopt);
  EXPECT_EQ(IsOutdated("Synapse", "1.0", {{"Synapse", "soon"}}), std::nullopt);
}

TEST(ServerVersion, NeedsAnObjectWithAVersion) {
  EXPECT_EQ(ReasonForBody(R"({"server": {"version": "1.0"}})"), "ok") << "a name is not required";
  EXPECT_EQ(ReasonForBody(R"({"server": []})"), "version_invalid_field");
  EXPECT_EQ(ReasonForBody(R"({"server": {"name": 1, "version": "1.0"}})"), "version_invalid_field");
  EXPECT_EQ(ReasonForBody(R"({"server": {"version": 1.0}})"), "version_invalid_field");
  EXPECT_EQ(ReasonForBody(R"([])"), "version_missing_server");
  EXPECT_EQ(ReasonForBody("{}{}"), "version_invalid_json");
}

TEST(ServerVersion, IsMadePrintableAndShort) {
  const ServerVersion version = ReadServerVersion(
      JsonAnswer(200, R"({"server": {"name": "a\u0000b\u001b[31m", "version": "1.0)" +
                          std::string(9000, '0') + "\"}}"));
  EXPECT_EQ(version.name,
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd[31m");
  EXPECT_EQ(version.version->size(), 255U);
  ASSERT_FALSE(version.warnings.empty());
  EXPECT_EQ(version.warnings.front().warning, Warning::kVersionUnsafeCharacters);
}

TEST(ServerVersion, WarnsWhenItCannotBeCompared) {
  const ServerVersion version = ReadServerVersion(
      JsonAnswer(200, R"({"server": {"name": "policyserv", "version": "main"}})"));
  EXPECT_TRUE(version.ok());
  ASSERT_EQ(version.warnings.size(), 1U);
  EXPECT_EQ(version.warnings[0].warning, Warning::kVersionUnparseable);
}

}  // namespace
}  // namespace matrix_federation
