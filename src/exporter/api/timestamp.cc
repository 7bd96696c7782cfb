#include "exporter/api/timestamp.h"

#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <chrono>

namespace exporter {
namespace {

using matrix_federation::SystemSeconds;
using matrix_federation::SystemTime;
using std::chrono::days;

constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";

std::string WithoutZone(SystemSeconds time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

bool HasShape(std::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !is_digit : text[i] != kShape[i]) return false;
  }
  return true;
}

int Number(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

std::string ToTimestamp(SystemSeconds time) { return WithoutZone(time) + "Z"; }

std::string ToTimestamp(SystemTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::floor<std::chrono::milliseconds>(time - seconds);
  return fmt::format("{}.{:03}Z", WithoutZone(seconds), rest.count());
}

std::optional<double> FromTimestamp(std::string_view text) {
  if (!HasShape(text)) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(Number(text.substr(0, 4))),
      std::chrono::month(static_cast<unsigned>(Number(text.substr(5, 2)))),
      std::chrono::day(static_cast<unsigned>(Number(text.substr(8, 2)))));
  if (!date.ok()) return std::nullopt;
  const SystemSeconds time = std::chrono::sys_days(date) +
                             std::chrono::hours(Number(text.substr(11, 2))) +
                             std::chrono::minutes(Number(text.substr(14, 2))) +
                             std::chrono::seconds(Number(text.substr(17, 2)));
  return static_cast<double>(time.time_since_epoch().count());
}

}  // namespace exporter
