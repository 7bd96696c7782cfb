#include "matrix_federation/server_name.h"

#include <algorithm>
#include <charconv>

#include "matrix_federation/limits.h"
#include "text.h"

namespace matrix_federation {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsHostnameCharacter(char c) {
  return IsDigit(c) || IsUpper(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
}

Failure Fail(Reason reason, std::string_view text, std::string_view why) {
  return {reason, "'" + ToPrintable(text, kQuotedLengthMax) +
                      "' is not a Matrix server name: " + std::string(why)};
}

// port = 1*5DIGIT, and a number that TCP knows.
std::optional<std::uint16_t> ParsePort(std::string_view digits) {
  if (digits.empty() || digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return std::nullopt;
  }
  unsigned port = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (port < 1 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

// Empty when the host is a usable DNS name, else what is wrong with it.
std::string_view FaultOfHostname(std::string_view host) {
  if (host.empty()) return "the host is missing";
  if (!std::all_of(host.begin(), host.end(), IsHostnameCharacter)) {
    return "only letters, digits, hyphens and dots may stand in a host name (no scheme, path, "
           "underscore or non-ASCII letter; write an international name as xn--…)";
  }
  std::size_t start = 0;
  while (start <= host.size()) {
    const std::size_t dot = std::min(host.find('.', start), host.size());
    if (dot == start) return "a dot at the start, at the end or doubled leaves an empty label";
    if (dot - start > kDnsLabelLengthMax) return "a label is longer than 63 characters";
    start = dot + 1;
  }
  return {};
}

struct Parts {
  std::string_view host;  // without brackets
  bool bracketed = false;
  std::optional<std::string_view> port;
};

// Cuts at the first ']' or at the last colon; nullopt when text follows a bracket.
std::optional<Parts> Split(std::string_view text) {
  Parts parts;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    parts.host = text.substr(1, bracket - 1);
    parts.bracketed = true;
    const std::string_view rest = text.substr(bracket + 1);
    if (rest.empty()) return parts;
    if (rest.front() != ':') return std::nullopt;
    parts.port = rest.substr(1);
    return parts;
  }
  const std::size_t colon = text.rfind(':');
  parts.host = text.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = text.substr(colon + 1);
  return parts;
}

}  // namespace

Outcome<ServerName> ServerName::Parse(std::string_view text) {
  if (text.empty()) return Failure{Reason::kServerNameEmpty, "the server name is empty"};
  if (text.find("://") != std::string_view::npos) {
    return Fail(Reason::kServerNameInvalidHostname, text,
                "it is a URL; there is no scheme and no path in what stands after the colon of a "
                "user ID");
  }
  const auto parts = Split(text);
  if (!parts) {
    return Fail(Reason::kServerNameInvalidIpLiteral, text,
                "an address in brackets is '[…]' or '[…]:port'");
  }
  ServerName name;
  if (parts->bracketed) {
    name.address_ = IpAddress::Parse(parts->host);
    if (!name.address_ || name.address_->version() != 6) {
      return Fail(Reason::kServerNameInvalidIpLiteral, text,
                  "an IPv6 address (without a zone) belongs between the brackets");
    }
  } else {
    if (parts->host.size() > kServerNameLengthMax) {
      return Fail(Reason::kServerNameTooLong, text, "it is longer than 255 characters");
    }
    const std::string_view fault = FaultOfHostname(parts->host);
    if (!fault.empty()) return Fail(Reason::kServerNameInvalidHostname, text, fault);
    name.address_ = IpAddress::Parse(parts->host);
  }
  if (parts->port) {
    name.port_ = ParsePort(*parts->port);
    if (!name.port_) {
      return Fail(Reason::kServerNameInvalidPort, text, "a port is 1 to 65535 in ASCII digits");
    }
  }
  if (text.size() > kServerNameLengthMax) {
    return Fail(Reason::kServerNameTooLong, text, "it is longer than 255 characters");
  }
  name.text_ = text;
  name.host_ = parts->host;
  return name;
}

std::vector<Warning> ServerName::Warnings() const {
  std::vector<Warning> warnings;
  if (kind() == HostKind::kDns && std::any_of(text_.begin(), text_.end(), IsUpper)) {
    warnings.push_back(Warning::kServerNameUppercase);
  }
  if (text_.size() > kServerNameLengthAdvised) warnings.push_back(Warning::kServerNameOver230);
  return warnings;
}

}  // namespace matrix_federation
