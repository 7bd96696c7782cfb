#include "matrix_federation/canonical_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace matrix_federation {
namespace {

constexpr std::size_t kDigitsMax = 100;
// Far beyond any document's digits, and far from overflow.
constexpr long kExponentMax = 1'000'000;

// "-12.50e+3" taken apart: value = digits × 10^exponent, `digits` without leading zeros.
struct Decimal {
  bool negative = false;
  std::string digits;
  long exponent = 0;
};

std::optional<Decimal> TakeApart(std::string_view text) {
  Decimal decimal;
  if (text.starts_with('-')) {
    decimal.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  if (e < text.size()) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.exponent);
    if (error != std::errc() || decimal.exponent > kExponentMax ||
        decimal.exponent < -kExponentMax) {
      return std::nullopt;
    }
  }
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  decimal.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) {
    const std::string_view fraction = mantissa.substr(point + 1);
    decimal.digits += fraction;
    decimal.exponent -= static_cast<long>(fraction.size());
  }
  decimal.digits.erase(0, std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size()));
  return decimal;
}

// The number as a plain integer, when it is one.
std::optional<std::string> ToInteger(std::string_view text) {
  auto decimal = TakeApart(text);
  if (!decimal) return std::nullopt;
  std::string& digits = decimal->digits;
  if (digits.empty()) return "0";
  while (decimal->exponent < 0 && digits.ends_with('0')) {
    digits.pop_back();
    ++decimal->exponent;
  }
  if (decimal->exponent < 0) return std::nullopt;
  if (decimal->exponent + static_cast<long>(digits.size()) > static_cast<long>(kDigitsMax)) {
    return std::nullopt;
  }
  digits.append(static_cast<std::size_t>(decimal->exponent), '0');
  return (decimal->negative ? "-" : "") + digits;
}

void AppendString(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          std::array<char, 8> escape{};
          std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
          out += escape.data();
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

// Appends canonical text; the failure names the value that has none.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  MaybeFailure Write(const JsonValue& value) {
    return std::visit([this](const auto& alternative) { return WriteAlternative(alternative); },
                      value.variant());
  }

  MaybeFailure WriteObject(const JsonValue::Object& object,
                           std::initializer_list<std::string_view> without) {
    out_.push_back('{');
    bool first = true;
    for (const auto& [name, member] : object) {
      if (std::find(without.begin(), without.end(), name) != without.end()) continue;
      if (!first) out_.push_back(',');
      first = false;
      AppendString(name, out_);
      out_.push_back(':');
      if (auto failure = Write(member)) return failure;
    }
    out_.push_back('}');
    return std::nullopt;
  }

 private:
  MaybeFailure WriteAlternative(std::nullptr_t) {
    out_ += "null";
    return std::nullopt;
  }
  MaybeFailure WriteAlternative(bool value) {
    out_ += value ? "true" : "false";
    return std::nullopt;
  }
  MaybeFailure WriteAlternative(const JsonValue::Number& number) {
    const auto integer = ToInteger(number.text);
    if (!integer) {
      return Failure{Reason::kCanonicalJsonUnrepresentable,
                     "the number " + number.text.substr(0, kDigitsMax) +
                         " is not an integer, so it has no canonical JSON form"};
    }
    out_ += *integer;
    return std::nullopt;
  }
  MaybeFailure WriteAlternative(const std::string& value) {
    AppendString(value, out_);
    return std::nullopt;
  }
  MaybeFailure WriteAlternative(const JsonValue::Array& array) {
    out_.push_back('[');
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i != 0) out_.push_back(',');
      if (auto failure = Write(array[i])) return failure;
    }
    out_.push_back(']');
    return std::nullopt;
  }
  MaybeFailure WriteAlternative(const JsonValue::Object& object) { return WriteObject(object, {}); }

  std::string& out_;
};

}  // namespace

Outcome<std::string> CanonicalJson(const JsonValue& value) {
  std::string text;
  if (auto failure = Writer(text).Write(value)) return *failure;
  return text;
}

Outcome<std::string> CanonicalJsonWithout(const JsonValue::Object& object,
                                          std::initializer_list<std::string_view> members) {
  std::string text;
  if (auto failure = Writer(text).WriteObject(object, members)) return *failure;
  return text;
}

}  // namespace matrix_federation
