#include "exporter/web_config_watch.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace exporter {
namespace {

constexpr const char* kUser =
    "basic_auth_users: {alice: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n";

class WebConfigWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "web-config-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    logger_.set_observer([this](LogLevel level) { errors_ += level == LogLevel::kError ? 1 : 0; });
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // As a careful editor does it: a new file in the place of the old one.
  void Write(const std::string& text) {
    std::ofstream(directory_ / "new") << text;
    std::filesystem::rename(directory_ / "new", file());
  }
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "web.yml"; }

  std::filesystem::path directory_;
  int errors_ = 0;
  Logger logger_{LogLevel::kInfo, LogFormat::kLogfmt};
  WebConfigWatch watch_{"", logger_};
  WebConfigWatch OfFile() { return {file().string(), logger_}; }
};

TEST_F(WebConfigWatchTest, WithoutAFileProtectsNothing) {
  EXPECT_TRUE(watch_.Begin());
  EXPECT_FALSE(watch_.Current()->tls);
  EXPECT_TRUE(watch_.Current()->users.empty());
}

TEST_F(WebConfigWatchTest, DoesNotBeginWithABrokenFile) {
  Write("users: {}");
  auto watch = OfFile();
  EXPECT_FALSE(watch.Begin());
  EXPECT_EQ(errors_, 1);
}

TEST_F(WebConfigWatchTest, SeesANewFile) {
  Write("");
  auto watch = OfFile();
  ASSERT_TRUE(watch.Begin());
  const auto before = watch.Current();
  EXPECT_EQ(watch.Current(), before) << "read anew without a change";
  Write(kUser);
  EXPECT_EQ(watch.Current()->users.count("alice"), 1U);
}

TEST_F(WebConfigWatchTest, KeepsWhatItHadWhileTheFileIsBrokenAndSaysSoOnce) {
  Write(kUser);
  auto watch = OfFile();
  ASSERT_TRUE(watch.Begin());
  const auto before = watch.Current();
  Write("nonsense: [");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(watch.Current(), before);
  EXPECT_EQ(errors_, 1);
  std::filesystem::remove(file());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(watch.Current(), before);
  EXPECT_EQ(errors_, 2);
  Write(std::string(kUser) + "rate_limit: {interval: 1s, burst: 1}");
  EXPECT_EQ(watch.Current()->rate_limit.burst, 1);
}

TEST_F(WebConfigWatchTest, NeverDropsTheUsersOfARunningDaemon) {
  Write(kUser);
  auto watch = OfFile();
  ASSERT_TRUE(watch.Begin());
  Write("");
  EXPECT_EQ(watch.Current()->users.count("alice"), 1U);
  EXPECT_EQ(errors_, 1);
}

TEST_F(WebConfigWatchTest, NoticesAFileThatWasMissingAtFirst) {
  Write("");
  auto watch = OfFile();
  ASSERT_TRUE(watch.Begin());
  Write("tls_server_config: {cert_file: cert.pem, key_file: key.pem}");
  EXPECT_FALSE(watch.Current()->tls);
  EXPECT_EQ(errors_, 2) << "one for each file";
  std::ofstream(directory_ / "cert.pem") << "nonsense";
  watch.Current();
  EXPECT_EQ(errors_, 3) << "the other one is still missing";
}

}  // namespace
}  // namespace exporter
