#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/config_file.h"

namespace exporter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LoadedConfiguration With(const std::string& expect) {
  return ParseConfiguration("homeservers:\n  - server_name: example.org\n    expect: " + expect,
                            "c.yaml");
}

TEST(ConfigExpect, TakesWhatIsExpectedOfAHomeserver) {
  const auto loaded = With(
      "{delegation: 'matrix.example.org:443', software: Synapse, min_version: '1.150', "
      "ip_versions: [4, 6]}");
  ASSERT_THAT(loaded.mistakes, ElementsAre());
  const matrix_federation::Expectations expected{.delegation = "matrix.example.org:443",
                                                 .software = "Synapse",
                                                 .min_version = "1.150",
                                                 .ip_versions = {4, 6}};
  EXPECT_EQ(loaded.settings->homeservers[0].expect, expected);
}

TEST(ConfigExpect, ExpectsNothingOfTheOthers) {
  const auto loaded = ParseConfiguration(
      "homeservers:\n  - {server_name: a.example, expect: {software: Synapse}}\n  - b.example\n",
      "c.yaml");
  ASSERT_THAT(loaded.mistakes, ElementsAre());
  EXPECT_EQ(loaded.settings->homeservers[1].expect, matrix_federation::Expectations{});
}

TEST(ConfigExpect, NamesTheNearestKey) {
  EXPECT_THAT(With("{delegaton: example.org}").mistakes,
              ElementsAre("c.yaml:3:14: homeservers.expect.delegaton: unknown key; did you mean "
                          "'delegation'?"));
}

TEST(ConfigExpect, RefusesWhatCannotBeExpected) {
  for (const char* expect :
       {"{delegation: 'https://example.org'}", "{min_version: newest}", "{ip_versions: [5]}",
        "{ip_versions: []}", "{software: ''}", "{software: [Synapse]}"}) {
    EXPECT_THAT(With(expect).mistakes, ElementsAre(HasSubstr("is not allowed here"))) << expect;
  }
}

TEST(ConfigExpect, RefusesAnythingButAMapping) {
  EXPECT_THAT(
      With("matrix.example.org").mistakes,
      ElementsAre(HasSubstr("a mapping of delegation, software, min_version, ip_versions")));
}

TEST(ConfigExpect, IsNoSectionOfItsOwn) {
  EXPECT_THAT(
      ParseConfiguration("expect: {software: Synapse}\nhomeservers: [a.example]\n", "c.yaml")
          .mistakes,
      ElementsAre(HasSubstr("expect: unknown key")));
}

}  // namespace
}  // namespace exporter
