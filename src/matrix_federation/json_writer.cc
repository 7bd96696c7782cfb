#include "matrix_federation/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "text.h"

namespace matrix_federation {
namespace {

// What stands for a character that may not stand in a string itself (RFC 8259 section 7).
void AppendEscape(char c, std::string& out) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.push_back('\\');
  if (const std::size_t place = kShort.find(c); place != std::string_view::npos) {
    out.push_back(kLetters[place]);
    return;
  }
  const auto octet = static_cast<unsigned char>(c);
  out += "u00";
  out.push_back(kDigits[octet >> 4]);
  out.push_back(kDigits[octet & 0xf]);
}

bool IsPlain(char c) { return c >= 0x20 && c != '"' && c != '\\' && c < 0x7f; }

// As many characters as can be copied.
std::size_t PlainLength(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && IsPlain(text[length])) ++length;
  return length;
}

}  // namespace

void JsonWriter::Separate() {
  if (comma_) out_.push_back(',');
}

void JsonWriter::Quoted(std::string_view text) {
  out_.push_back('"');
  while (true) {
    const std::size_t plain = PlainLength(text);
    out_ += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = CharacterLength(text);
    if (length == 0) {
      out_ += kReplacement;
    } else if (length == 1 && text[0] != 0x7f) {
      AppendEscape(text[0], out_);
    } else {
      out_ += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out_.push_back('"');
}

void JsonWriter::Key(std::string_view key) {
  Separate();
  Quoted(key);
  out_.push_back(':');
  comma_ = false;
}

void JsonWriter::Value(std::string_view text) {
  Separate();
  Quoted(text);
  comma_ = true;
}

void JsonWriter::Value(bool value) { Number(value ? "true" : "false"); }

void JsonWriter::Value(double number) {
  if (!std::isfinite(number)) return Value(nullptr);
  // The largest double has 309 digits before the point, the smallest 1074 behind it.
  std::array<char, 1500> text{};
  const auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::fixed).ptr;
  const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
  Number(digits);
  if (digits.find('.') == std::string_view::npos) out_ += ".0";
}

void JsonWriter::Number(std::string_view text) {
  Separate();
  out_ += text;
  comma_ = true;
}

}  // namespace matrix_federation
