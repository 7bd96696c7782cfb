#include "exporter/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

#include "unit/exporter/golden.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

double ValueOf(const std::string& family) {
  std::string text;
  AppendProcessMetrics(Format::kText, text);
  const auto samples = SamplesOf(text, family);
  EXPECT_EQ(samples.size(), 1U) << family;
  return samples.empty() ? -1 : std::stod(samples.front().substr(family.size() + 1));
}

TEST(ProcessMetrics, PleasePromtool) {
  std::string text;
  AppendProcessMetrics(Format::kText, text);
  ExpectPromtoolAgrees(text);
}

TEST(ProcessMetrics, CountOpenDescriptors) {
  const double before = ValueOf("process_open_fds");
  const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(ValueOf("process_open_fds"), before + 1);
  close(descriptor);
}

TEST(ProcessMetrics, KnowTheLimitOfDescriptors) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(ValueOf("process_max_fds"), static_cast<double>(limit.rlim_cur));
}

TEST(ProcessMetrics, BeganBeforeNow) {
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const double started = ValueOf("process_start_time_seconds");
  EXPECT_LE(started, now);
  EXPECT_GE(started, now - 86'400);
}

TEST(ProcessMetrics, BeganOnce) {
  EXPECT_EQ(ValueOf("process_start_time_seconds"), ValueOf("process_start_time_seconds"));
}

TEST(ProcessMetrics, OccupyLessMemoryThanTheyMap) {
  const double resident = ValueOf("process_resident_memory_bytes");
  EXPECT_GT(resident, 0);
  EXPECT_LT(resident, ValueOf("process_virtual_memory_bytes"));
}

}  // namespace
}  // namespace exporter
