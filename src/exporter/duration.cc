#include "exporter/duration.h"

#include <array>
#include <charconv>

namespace exporter {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t kCountMax = 1'000'000'000;
constexpr std::int64_t kTotalMax = kCountMax * kUnits.front().milliseconds;

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0 || count > kCountMax) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    while (next_unit < kUnits.size() && kUnits.at(next_unit).name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    total += count * kUnits.at(next_unit++).milliseconds;
    text.remove_prefix(name.size());
  }
  if (total > kTotalMax) return std::nullopt;
  return std::chrono::milliseconds(total);
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  std::string text;
  std::int64_t left = duration.count();
  for (const Unit& unit : kUnits) {
    const std::int64_t count = left / unit.milliseconds;
    if (count == 0) continue;
    text += std::to_string(count) + std::string(unit.name);
    left %= unit.milliseconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace exporter
