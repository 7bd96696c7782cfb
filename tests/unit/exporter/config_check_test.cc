#include "exporter/config_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

ConfigCheck CheckWith(const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {
      "--config.check", "--config.file=" TESTDATA_DIRECTORY "/config/only_files.yaml"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const CommandLine line = ParseCommandLine(arguments);
  EXPECT_EQ(line.error, "");
  return CheckConfiguration(line);
}

TEST(ConfigCheck, CountsTheHomeserversOfAGoodFile) {
  const ConfigCheck check = CheckWith({"--web.listen-address=[::1]:0", "--shard=1", "--shards=2"});
  EXPECT_THAT(check.mistakes, IsEmpty());
  EXPECT_EQ(check.homeservers, 1U);
}

TEST(ConfigCheck, JudgesTheAddresses) {
  EXPECT_THAT(CheckWith({"--web.listen-address=:1", "--web.listen-address=foo",
                         "--web.health-listen-address=127.0.0.1:99999"})
                  .mistakes,
              ElementsAre(StartsWith("--web.listen-address foo: the port is missing"),
                          StartsWith("--web.health-listen-address 127.0.0.1:99999: ")));
}

TEST(ConfigCheck, JudgesTheShard) {
  EXPECT_THAT(CheckWith({"--shard=3", "--shards=2"}).mistakes,
              ElementsAre("--shard=3, but --shards=2 allows 0 to 1 only"));
}

TEST(ConfigCheck, ReportsFlagsAndEveryFileInOneGo) {
  EXPECT_THAT(CheckWith({"--config.file=" TESTDATA_DIRECTORY "/config/missing_list.yaml",
                         "--web.config.file=/nonexistent/web.yaml", "--shard=3"})
                  .mistakes,
              ElementsAre(HasSubstr("--shard=3"), HasSubstr("lists/absent.yaml"),
                          HasSubstr("/nonexistent/web.yaml")));
}

}  // namespace
}  // namespace exporter
