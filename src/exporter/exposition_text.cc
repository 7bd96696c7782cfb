#include "exporter/exposition_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace exporter {
namespace {

constexpr double kPlainIntegerMax = 1e15;

}  // namespace

std::string_view MediaType(Format format) {
  return format == Format::kText ? "text/plain; version=0.0.4; charset=utf-8"
                                 : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

void AppendEscaped(std::string_view value, std::string& out) {
  for (const char c : value) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      default: out.push_back(c);
    }
  }
}

void AppendNumber(double value, std::string& out) {
  std::array<char, 32> text{};
  char* const end = text.data() + text.size();
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (std::abs(value) < kPlainIntegerMax && value == std::trunc(value)) {
    out.append(text.data(), std::to_chars(text.data(), end, static_cast<std::int64_t>(value)).ptr);
  } else {
    out.append(text.data(), std::to_chars(text.data(), end, value).ptr);
  }
}

void AppendBound(double bound, std::string& out) {
  const std::size_t start = out.size();
  AppendNumber(bound, out);
  if (std::isfinite(bound) && out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

void AppendHeader(std::string_view name, MetricType type, std::string_view help, Format format,
                  std::string& out) {
  const bool is_text = format == Format::kText;
  const std::string_view family = is_text ? name : WithoutSuffix(name, type);
  const auto append = [&](std::string_view keyword, std::string_view value) {
    for (const std::string_view part : {keyword, family, std::string_view(" "), value}) out += part;
    out.push_back('\n');
  };
  append("# HELP ", help);
  append("# TYPE ", Word(is_text && type == MetricType::kInfo ? MetricType::kGauge : type));
  const std::string_view unit = UnitOf(name, type);
  if (!is_text && !unit.empty()) append("# UNIT ", unit);
}

void AppendEnd(Format format, std::string& out) {
  if (format == Format::kOpenMetrics) out += "# EOF\n";
}

}  // namespace exporter
