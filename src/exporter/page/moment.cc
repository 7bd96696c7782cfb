#include "exporter/page/moment.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace exporter::page {
namespace {

using std::chrono::seconds;

std::tm Fields(SystemSeconds time) {
  const std::time_t since_epoch = time.time_since_epoch().count();
  std::tm fields{};
  gmtime_r(&since_epoch, &fields);
  return fields;
}

std::string Date(SystemSeconds time) {
  const std::tm fields = Fields(time);
  return fmt::format("{:04}-{:02}-{:02}", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday);
}

std::string Units(std::int64_t count, std::string_view unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

}  // namespace

// The largest unit of which there are two, rounded down: 119 seconds are "119 seconds".
std::string Length(seconds length) {
  const std::int64_t count = length.count();
  if (count < 120) return Units(count, "second");
  if (count < 2 * 3600) return Units(count / 60, "minute");
  if (count < 2 * 86400) return Units(count / 3600, "hour");
  if (count < 2 * 365 * 86400) return Units(count / 86400, "day");
  return Units(count / (365 * 86400), "year");
}

std::string Distance(SystemTime time, SystemTime now) {
  const auto past = std::chrono::duration_cast<seconds>(now - time);
  if (past == seconds{0}) return "now";
  return past > seconds{0} ? Length(past) + " ago" : "in " + Length(-past);
}

std::string Rfc3339(SystemTime time) { return Rfc3339(std::chrono::floor<seconds>(time)); }

std::string Rfc3339(SystemSeconds time) {
  const std::tm fields = Fields(time);
  return fmt::format("{}T{:02}:{:02}:{:02}Z", Date(time), fields.tm_hour, fields.tm_min,
                     fields.tm_sec);
}

Html& operator<<(Html& html, const Relative& relative) {
  const std::string exact = Rfc3339(relative.time);
  return html << R"(<time data-distance datetime=")" << exact << R"(" title=")" << exact << R"(">)"
              << Distance(relative.time, relative.now) << "</time>";
}

Html& operator<<(Html& html, const Due& due) {
  const std::string exact = Rfc3339(due.time);
  return html << R"(<time data-distance="due" datetime=")" << exact << R"(" title=")" << exact
              << R"(">)" << Distance(std::max(due.time, due.now), due.now) << "</time>";
}

Html& operator<<(Html& html, const Day& day) {
  const std::string exact = Rfc3339(day.time);
  return html << R"(<time datetime=")" << exact << R"(" title=")" << exact << R"(">)"
              << Date(day.time) << "</time>";
}

Html& operator<<(Html& html, const Minute& minute) {
  const std::string exact = Rfc3339(minute.time);
  return html << R"(<time datetime=")" << exact << R"(">)"
              << Date(std::chrono::floor<seconds>(minute.time)) << " " << exact.substr(11, 5)
              << " UTC</time>";
}

std::string TimeLeft(SystemSeconds until, SystemTime now) {
  const auto left = until - std::chrono::floor<seconds>(now);
  return left < seconds{0} ? "expired " + Length(-left) + " ago" : Length(left) + " left";
}

std::string Span(double length) {
  if (length < 0.001) return "under 1 ms";
  return length < 1 ? fmt::format("{:.0f} ms", length * 1000) : fmt::format("{:.1f} s", length);
}

}  // namespace exporter::page
