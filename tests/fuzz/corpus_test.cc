// Every input of every corpus, once: for builds without libFuzzer, whatever their compiler.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#define X(name) extern "C" int Fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "fuzz_targets.inc"
#undef X

namespace {

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

constexpr Target kTargets[] = {
#define X(name) {#name, &Fuzz_##name},
#include "fuzz_targets.inc"
#undef X
};

std::vector<std::filesystem::path> InputsOf(const std::string& target) {
  const std::filesystem::directory_iterator files(std::string(CORPUS_DIRECTORY) + "/" + target);
  std::vector<std::filesystem::path> inputs(begin(files), end(files));
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

class FuzzTarget : public testing::TestWithParam<Target> {};

TEST_P(FuzzTarget, HoldsForItsCorpus) {
  const auto inputs = InputsOf(GetParam().name);
  EXPECT_FALSE(inputs.empty());
  for (const auto& input : inputs) {
    // What does not hold ends the program.
    std::fprintf(stderr, "%s\n", input.filename().c_str());
    std::ifstream file(input, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    GetParam().run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
}

INSTANTIATE_TEST_SUITE_P(All, FuzzTarget, testing::ValuesIn(kTargets),
                         [](const auto& target) { return target.param.name; });

}  // namespace
