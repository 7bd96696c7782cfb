#include "web/query.h"

namespace web {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// What stands before the separator; `rest` keeps what follows it.
std::string_view Cut(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view head = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return head;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  return Decode(text, /*plus_is_space=*/false);
}

std::optional<std::string> QueryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view value = Cut(query, '&');
    if (Decode(Cut(value, '='), /*plus_is_space=*/true) != name) continue;
    return Decode(value, /*plus_is_space=*/true);
  }
  return std::nullopt;
}

std::optional<std::vector<std::pair<std::string, std::string>>> QueryParameters(
    std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    std::string_view value = Cut(query, '&');
    if (value.empty()) continue;
    auto name = Decode(Cut(value, '='), /*plus_is_space=*/true);
    auto decoded = Decode(value, /*plus_is_space=*/true);
    if (!name || !decoded) return std::nullopt;
    parameters.emplace_back(*std::move(name), *std::move(decoded));
  }
  return parameters;
}

}  // namespace web
