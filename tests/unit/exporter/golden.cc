#include "unit/exporter/golden.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace exporter {
namespace {

std::string PathOf(const std::string& file) { return std::string(TESTDATA_DIRECTORY) + "/" + file; }

bool IsUpdate() {
  const char* update = std::getenv("UPDATE_GOLDEN");
  return update != nullptr && std::string(update) == "1";
}

}  // namespace

std::string ReadTestdata(const std::string& file) {
  std::ifstream stream(PathOf(file), std::ios::binary);
  EXPECT_TRUE(stream) << "cannot read tests/testdata/" << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

void ExpectGolden(const std::string& actual, const std::string& file) {
  if (IsUpdate()) {
    std::ofstream(PathOf(file), std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, ReadTestdata(file)) << "of tests/testdata/" << file;
}

void ExpectPromtoolAgrees(const std::string& exposition) {
  const std::string file = testing::TempDir() + "exposition-" + std::to_string(getpid()) + ".prom";
  std::ofstream(file, std::ios::binary) << exposition;
  FILE* promtool = popen(("promtool check metrics < '" + file + "' 2>&1").c_str(), "r");
  ASSERT_NE(promtool, nullptr);
  std::string said;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), promtool) != nullptr) said += buffer.data();
  EXPECT_EQ(pclose(promtool), 0) << said;
  EXPECT_EQ(said, "");
  std::remove(file.c_str());
}

}  // namespace exporter
