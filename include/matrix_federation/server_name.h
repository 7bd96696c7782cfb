#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/ip_address.h"
#include "matrix_federation/outcome.h"

namespace matrix_federation {

/// What the host part of a server name is.
enum class HostKind : std::uint8_t { kIpv4, kIpv6, kDns };

/// A Matrix server name: host, kind of host, optional port (Matrix appendices, "Server Name").
/// Identity is case-sensitive, so the spelling is kept. Immutable; copy freely.
class ServerName {
 public:
  /// Beyond the grammar, a name that could not be a TCP destination is refused: port 0 or above
  /// 65535, empty labels (leading, doubled or trailing dots), labels above 63 characters.
  /// Fails with a `server_name_…` reason.
  static Outcome<ServerName> Parse(std::string_view text);

  /// As written.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Without brackets and port.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] HostKind kind() const { return address_ ? KindOf(*address_) : HostKind::kDns; }
  [[nodiscard]] std::optional<std::uint16_t> port() const { return port_; }
  /// The address, when the host is an IP literal.
  [[nodiscard]] const std::optional<IpAddress>& address() const { return address_; }

  /// Legal but unwise spellings: upper case, more than 230 characters.
  [[nodiscard]] std::vector<Warning> Warnings() const;

  bool operator==(const ServerName& other) const { return text_ == other.text_; }

 private:
  ServerName() = default;
  static HostKind KindOf(const IpAddress& address) {
    return address.version() == 4 ? HostKind::kIpv4 : HostKind::kIpv6;
  }

  std::string text_;
  std::string host_;
  std::optional<std::uint16_t> port_;
  std::optional<IpAddress> address_;
};

}  // namespace matrix_federation
