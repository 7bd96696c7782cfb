#include "exporter/exposition_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace exporter {
namespace {

constexpr double kPlainIntegerMax = 1e15;

}  // namespace

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

void AppendHeader(std::string_view name, std::string_view help, std::string_view type,
                  std::string& out) {
  out += "# HELP ";
  out += name;
  out.push_back(' ');
  for (const char c : help) {
    if (c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out += "\n# TYPE ";
  out += name;
  out.push_back(' ');
  out += type;
  out.push_back('\n');
}

}  // namespace exporter
