#include "exporter/file_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "unit/exporter/as_nobody.h"

namespace exporter {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public testing::Test {
 protected:
  FileWatchTest() { fs::create_directories(directory_ / "lists"); }
  ~FileWatchTest() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  [[nodiscard]] std::uint64_t Look() const {
    return LookAtFiles(directory_ / "config.yaml", {"lists/*.yaml"}, directory_ / "ca.pem");
  }

  fs::path directory_ = fs::temp_directory_path() / ("file_watch" + std::to_string(::getpid()));
};

TEST_F(FileWatchTest, FilesLookTheSameWhileNobodyTouchesThem) {
  Write("config.yaml", "a");
  Write("lists/one.yaml", "b");
  EXPECT_EQ(Look(), Look());
}

TEST_F(FileWatchTest, AnotherTextOrAnotherTimeLooksDifferent) {
  Write("config.yaml", "a");
  auto before = Look();
  Write("config.yaml", "ab");
  EXPECT_NE(before, Look());
  before = Look();
  fs::last_write_time(directory_ / "config.yaml",
                      fs::last_write_time(directory_ / "config.yaml") + std::chrono::hours(1));
  EXPECT_NE(before, Look());
}

TEST_F(FileWatchTest, AListThatComesOrGoesLooksDifferent) {
  Write("config.yaml", "a");
  const auto before = Look();
  Write("lists/one.yaml", "b");
  EXPECT_NE(before, Look());
  fs::remove(directory_ / "lists/one.yaml");
  EXPECT_EQ(before, Look());
}

TEST_F(FileWatchTest, AnotherCaFileLooksDifferent) {
  const auto before = Look();
  Write("ca.pem", "a");
  EXPECT_NE(before, Look());
}

// As with a renewed key that is installed first, and handed to the daemon's user then.
TEST_F(FileWatchTest, AFileThatCanBeReadAtLastLooksDifferent) {
  const auto look_as_nobody = [this] {
    const AsNobody nobody;
    return Look();
  };
  Write("ca.pem", "a");
  fs::permissions(directory_ / "ca.pem", fs::perms::none);
  const auto before = look_as_nobody();
  fs::permissions(directory_ / "ca.pem", fs::perms(0444));
  EXPECT_NE(before, look_as_nobody());
}

// How a ConfigMap is mounted: config.yaml -> ..data/config.yaml, ..data -> ..2026_11_24.
TEST_F(FileWatchTest, TheSwapOfADirectoryBehindALinkLooksDifferent) {
  for (const char* version : {"..1", "..2"}) {
    fs::create_directory(directory_ / version);
    Write(std::string(version) + "/config.yaml", "same length");
  }
  fs::create_directory_symlink("..1", directory_ / "..data");
  fs::create_symlink("..data/config.yaml", directory_ / "config.yaml");
  const auto before = Look();
  fs::create_directory_symlink("..2", directory_ / "..data_tmp");
  fs::rename(directory_ / "..data_tmp", directory_ / "..data");
  EXPECT_NE(before, Look());
}

TEST(FileWatch, ReportsAChangeOnceItHasComeToRest) {
  FileWatch watch;
  watch.Loaded(1);
  EXPECT_FALSE(watch.Changed(1));
  EXPECT_FALSE(watch.Changed(2));  // perhaps still being written
  EXPECT_FALSE(watch.Changed(3));
  EXPECT_TRUE(watch.Changed(3));
}

TEST(FileWatch, AChangeThatIsTakenBackIsNone) {
  FileWatch watch;
  watch.Loaded(1);
  EXPECT_FALSE(watch.Changed(2));
  EXPECT_FALSE(watch.Changed(1));
  EXPECT_FALSE(watch.Changed(1));
}

}  // namespace
}  // namespace exporter
