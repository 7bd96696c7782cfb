#include "exporter/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "exporter/exposition_text.h"

namespace exporter {
namespace {

void AppendOne(std::string_view name, std::string_view help, MetricType type, double value,
               Format format, std::string& out) {
  AppendHeader(name, type, help, format, out);
  out += name;
  out.push_back(' ');
  AppendNumber(value, out);
  out.push_back('\n');
}

// The fields of /proc/self/stat behind the command name, which may hold anything (proc(5)).
std::vector<double> ReadStat() {
  std::ifstream file("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream rest(text.substr(end + 4));  // ") S "
  std::vector<double> fields;
  for (double field = 0; rest >> field;) fields.push_back(field);
  return fields;
}

double SecondsOf(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// From the seconds between boot and start: the time of the boot is in /proc/stat, which systemd's
// ProcSubset=pid hides. Reckoned once, for a start does not move.
double StartTime(double after_boot) {
  static const double start = SecondsOf(CLOCK_REALTIME) - SecondsOf(CLOCK_BOOTTIME) + after_boot;
  return start;
}

std::optional<double> OpenDescriptors() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  double count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count - 3;  // ".", ".." and the descriptor of the directory itself
}

}  // namespace

void AppendProcessMetrics(Format format, std::string& out) {
  const auto add = [&](std::string_view name, MetricType type, std::string_view help,
                       double value) { AppendOne(name, help, type, value, format, out); };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  // Indices count from field 4 (ppid) of proc(5): utime 14, stime 15, starttime 22, vsize 23,
  // rss 24.
  const std::vector<double> stat = ReadStat();
  if (stat.size() > 20) {
    add("process_cpu_seconds_total", MetricType::kCounter,
        "Total user and system CPU time spent in seconds.", (stat[10] + stat[11]) / ticks);
    add("process_resident_memory_bytes", MetricType::kGauge, "Resident memory size in bytes.",
        stat[20] * static_cast<double>(sysconf(_SC_PAGESIZE)));
    add("process_virtual_memory_bytes", MetricType::kGauge, "Virtual memory size in bytes.",
        stat[19]);
    add("process_start_time_seconds", MetricType::kGauge,
        "Start time of the process since unix epoch in seconds.", StartTime(stat[18] / ticks));
  }
  if (const auto open = OpenDescriptors()) {
    add("process_open_fds", MetricType::kGauge, "Number of open file descriptors.", *open);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add("process_max_fds", MetricType::kGauge, "Maximum number of open file descriptors.",
        static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace exporter
