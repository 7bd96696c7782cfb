#include "web/address.h"

#include <charconv>

namespace web {
namespace {

std::optional<std::uint16_t> ParsePort(std::string_view digits) {
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, port);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return port;
}

bool IsBracketed(std::string_view host) {
  return host.size() >= 2 && host.front() == '[' && host.back() == ']';
}

// An IPv6 address stands in brackets, an IPv4 address does not.
std::optional<boost::asio::ip::address> ParseIp(std::string_view host) {
  const bool bracketed = IsBracketed(host);
  const std::string literal(bracketed ? host.substr(1, host.size() - 2) : host);
  boost::system::error_code failure;
  auto ip = boost::asio::ip::make_address(literal, failure);
  if (failure || ip.is_v6() != bracketed) return std::nullopt;
  return ip;
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text, std::string& error) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.back() == ']') {
    error = "the port is missing; write ADDRESS:PORT, or :PORT for all addresses";
    return std::nullopt;
  }
  const std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const auto port = ParsePort(digits);
  if (!port) {
    error = "\"" + std::string(digits) + "\" is no port; write a number from 0 to 65535";
    return std::nullopt;
  }
  if (host.empty()) return Address{.ip = std::nullopt, .port = *port};
  const auto ip = ParseIp(host);
  if (!ip) {
    error = "\"" + std::string(host) +
            "\" is no IP address; write one like 127.0.0.1:" + std::string(digits) +
            " or [::1]:" + std::string(digits) + ", or :" + std::string(digits) +
            " for all addresses";
    return std::nullopt;
  }
  return Address{.ip = ip, .port = *port};
}

}  // namespace web
