#include "exporter/page/html.h"

namespace exporter::page {
namespace {

// What stands for a character that HTML gives a meaning, or that must not stand in it; empty for
// all others.
constexpr std::string_view Replacement(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n': return {};
    default: break;
  }
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f ? std::string_view("\xEF\xBF\xBD") : std::string_view();
}

constexpr bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

void Html::Escape(std::string_view text) {
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view replacement = Replacement(text[i]);
    if (replacement.empty()) continue;
    out_ += text.substr(written, i - written);
    out_ += replacement;
    written = i + 1;
  }
  out_ += text.substr(written);
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[octet >> 4U];
    encoded += kDigits[octet & 0xfU];
  }
  return encoded;
}

}  // namespace exporter::page
