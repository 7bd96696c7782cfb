#include "exporter/settings.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <fstream>
#include <iterator>
#include <set>

namespace exporter {
namespace {

TEST(Settings, StandInTheReferenceThatIsHandedOut) {
  std::ifstream file(PROJECT_DIRECTORY "/config/reference.yaml", std::ios::binary);
  const std::string reference((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(reference, ReferenceConfiguration())
      << "write it anew: matrix-federation-exporter --print-config > config/reference.yaml";
}

TEST(Settings, HaveDistinctKeys) {
  std::set<std::pair<std::string_view, std::string_view>> keys;
  for (const Setting& setting : AllSettings()) {
    EXPECT_TRUE(keys.emplace(setting.section, setting.key).second) << setting.key;
  }
}

TEST(Settings, StandInKnownSections) {
  const std::set<std::string_view> sections(AllSections().begin(), AllSections().end());
  for (const Setting& setting : AllSettings()) {
    EXPECT_TRUE(setting.section.empty() || setting.section == kExpectSection ||
                sections.contains(setting.section))
        << setting.key;
  }
}

TEST(Settings, MayBeOverriddenInTheProbeSectionOnly) {
  for (const Setting& setting : AllSettings()) {
    EXPECT_TRUE(!setting.per_server || setting.section == "probe") << setting.key;
  }
}

TEST(Settings, SayWhatTheyAllow) {
  std::set<std::string> allowed;
  for (const Setting& setting : AllSettings()) allowed.insert(Allowed(setting));
  for (const char* text :
       {"a duration from 1s to 1d, like 90s, 5m or 1h30m", "a whole number from 1 to 10000",
        "true or false", "\"1.2\" or \"1.3\"", "a list of 4 and 6"}) {
    EXPECT_TRUE(allowed.contains(text)) << text;
  }
}

TEST(Settings, NameTheOldestTlsVersionForOpenssl) {
  EXPECT_EQ(MinTlsVersion({.min_version = "1.2"}), TLS1_2_VERSION);
  EXPECT_EQ(MinTlsVersion({.min_version = "1.3"}), TLS1_3_VERSION);
}

}  // namespace
}  // namespace exporter
