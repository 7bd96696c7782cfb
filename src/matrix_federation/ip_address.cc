#include "matrix_federation/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace matrix_federation {
namespace {

// IANA special-purpose address registries (RFC 6890): what may lead into somebody's own network, or
// through a relay; and multicast. Not the ranges for documentation, which lead nowhere.
constexpr std::string_view kPrivateRanges[] = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12",  "192.0.0.0/24",   "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "224.0.0.0/4",    "240.0.0.0/4",    "::/128",         "::1/128",        "100::/64",
    "100:0:0:1::/64", "64:ff9b:1::/48", "2001::/23",      "5f00::/16",      "fc00::/7",
    "fe80::/10",      "fec0::/10",      "ff00::/8",
};

constexpr std::array<std::uint8_t, 12> kV4Mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 12> kNat64 = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

// The IPv4 address that an IPv6 address stands for, if it is IPv4-mapped, NAT64 (RFC 6052) or 6to4
// (RFC 3056).
std::optional<IpAddress> EmbeddedV4(const IpAddress& address) {
  if (address.version() != 6) return std::nullopt;
  const auto& octets = address.octets();
  if (octets[0] == 0x20 && octets[1] == 0x02) {
    return IpAddress::FromV4({octets[2], octets[3], octets[4], octets[5]});
  }
  const bool embedded = std::equal(kV4Mapped.begin(), kV4Mapped.end(), octets.begin()) ||
                        std::equal(kNat64.begin(), kNat64.end(), octets.begin());
  if (!embedded) return std::nullopt;
  return IpAddress::FromV4({octets[12], octets[13], octets[14], octets[15]});
}

bool SamePrefix(const IpAddress& a, const IpAddress& b, int length) {
  const int whole = length / 8;
  if (!std::equal(a.octets().begin(), a.octets().begin() + whole, b.octets().begin())) return false;
  const int rest = length % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  const auto index = static_cast<std::size_t>(whole);
  return (a.octets().at(index) & mask) == (b.octets().at(index) & mask);
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET, copy.c_str(), address.octets_.data()) == 1) {
    address.version_ = 4;
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.octets_.data()) == 1) {
    address.version_ = 6;
    return address;
  }
  return std::nullopt;
}

IpAddress IpAddress::FromV4(const std::array<std::uint8_t, 4>& octets) {
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

IpAddress IpAddress::FromV6(const std::array<std::uint8_t, 16>& octets) {
  IpAddress address;
  address.version_ = 6;
  address.octets_ = octets;
  return address;
}

int IpAddress::network_version() const {
  const bool is_mapped =
      version_ == 6 && std::equal(kV4Mapped.begin(), kV4Mapped.end(), octets_.begin());
  return is_mapped ? 4 : version_;
}

std::string IpAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(version_ == 4 ? AF_INET : AF_INET6, octets_.data(), text.data(), text.size());
  return text.data();
}

std::string SocketAddress::ToString() const {
  const std::string host = ip.version() == 6 ? "[" + ip.ToString() + "]" : ip.ToString();
  return host + ":" + std::to_string(port);
}

bool AddressRanges::Add(std::string_view range) {
  if (range == "private") {
    for (const std::string_view each : kPrivateRanges) Add(each);
    return true;
  }
  const std::size_t slash = range.find('/');
  const auto network = IpAddress::Parse(range.substr(0, slash));
  if (!network) return false;
  const int longest = network->version() == 4 ? 32 : 128;
  int length = longest;
  if (slash != std::string_view::npos) {
    const std::string_view digits = range.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc() || end != digits.data() + digits.size()) return false;
  }
  if (length < 0 || length > longest) return false;
  ranges_.push_back({*network, length});
  return true;
}

bool AddressRanges::ContainsExactly(const IpAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return range.network.version() == address.version() &&
           SamePrefix(range.network, address, range.prefix_length);
  });
}

bool AddressRanges::Contains(const IpAddress& address) const {
  const auto embedded = EmbeddedV4(address);
  return ContainsExactly(address) || (embedded && ContainsExactly(*embedded));
}

}  // namespace matrix_federation
