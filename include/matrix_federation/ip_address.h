#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matrix_federation {

/// An IPv4 or IPv6 address as its octets; no scope, no port. Plain data.
class IpAddress {
 public:
  /// Strict inet_pton semantics: four decimal octets without leading zeros, or RFC 4291 text
  /// without brackets and without a zone. "127.1" or "0x7f.1" is a name, never an address.
  static std::optional<IpAddress> Parse(std::string_view text);

  static IpAddress FromV4(const std::array<std::uint8_t, 4>& octets);
  static IpAddress FromV6(const std::array<std::uint8_t, 16>& octets);

  /// 4 or 6.
  [[nodiscard]] int version() const { return version_; }
  /// Of the packets that go there: 4 for an IPv4-mapped address as well.
  [[nodiscard]] int network_version() const;
  /// 16 octets; the first 4 hold an IPv4 address.
  [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  /// RFC 5952 text, without brackets.
  [[nodiscard]] std::string ToString() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  int version_ = 4;
  std::array<std::uint8_t, 16> octets_{};
};

/// Where a TCP connection goes.
struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  /// "192.0.2.10:8448" or "[2001:db8::10]:8448".
  [[nodiscard]] std::string ToString() const;
  auto operator<=>(const SocketAddress&) const = default;
};

/// Address ranges that must never be contacted (`network.deny`). An IPv4-mapped, NAT64 or
/// 6to4 address is also judged by the IPv4 address inside it, so that it opens no side door.
class AddressRanges {
 public:
  /// `range` is a CIDR ("10.0.0.0/8", "fd00::/8"), a single address, or the word "private": the
  /// ranges that may lead into somebody's own network. False, with
  /// nothing changed, when it is none of these.
  bool Add(std::string_view range);

  [[nodiscard]] bool Contains(const IpAddress& address) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }

 private:
  struct Range {
    IpAddress network;
    int prefix_length;
  };
  [[nodiscard]] bool ContainsExactly(const IpAddress& address) const;

  std::vector<Range> ranges_;
};

}  // namespace matrix_federation
