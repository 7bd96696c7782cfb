#include "exporter/descriptor_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>

namespace exporter {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// While it lives, the soft limit is this one.
class SoftLimit {
 public:
  explicit SoftLimit(std::size_t value) {
    ::getrlimit(RLIMIT_NOFILE, &former_);
    const rlimit now{.rlim_cur = value, .rlim_max = former_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~SoftLimit() { ::setrlimit(RLIMIT_NOFILE, &former_); }
  SoftLimit(const SoftLimit&) = delete;
  SoftLimit& operator=(const SoftLimit&) = delete;

 private:
  rlimit former_{};
};

std::string WarningOf(const ProbeSettings& probe, std::size_t limit) {
  const SoftLimit soft(limit);
  Logger logger(LogLevel::kInfo, LogFormat::kLogfmt);
  testing::internal::CaptureStderr();
  WarnOfTooFewDescriptors(probe, logger);
  return testing::internal::GetCapturedStderr();
}

TEST(DescriptorLimit, IsRaisedAsFarAsAllowed) {
  const SoftLimit soft(100);
  RaiseDescriptorLimit();
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

TEST(DescriptorLimit, IsWarnedOfWhenProbesNeedMore) {
  const ProbeSettings probe{.max_in_flight = 100};
  const std::size_t needed = DescriptorsFor(probe);
  EXPECT_THAT(
      WarningOf(probe, needed - 1),
      AllOf(HasSubstr("level=warn"), HasSubstr(" limit=" + std::to_string(needed - 1)),
            HasSubstr(" needed=" + std::to_string(needed)), HasSubstr(" max_in_flight=100")));
}

TEST(DescriptorLimit, IsNotWarnedOfWhenItIsEnough) {
  const ProbeSettings probe{.max_in_flight = 100};
  EXPECT_EQ(WarningOf(probe, DescriptorsFor(probe)), "");
}

TEST(DescriptorLimit, IsEnoughForTheDefaultsWhereItIsTheUsualOne) {
  EXPECT_LE(DescriptorsFor(ProbeSettings{}), 1024U);
}

TEST(DescriptorLimit, HasToGrowWithTheProbesAtOnce) {
  EXPECT_EQ(DescriptorsFor({.max_in_flight = 300}) - DescriptorsFor({.max_in_flight = 200}), 200U);
}

}  // namespace
}  // namespace exporter
