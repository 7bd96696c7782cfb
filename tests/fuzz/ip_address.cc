// Addresses: the input is the text. We read what inet_pton reads and nothing else, and what we
// write reads back.

#include "matrix_federation/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "property.h"

using fuzz::Require;
using matrix_federation::AddressRanges;
using matrix_federation::IpAddress;

namespace {

void CheckAgainstSystem(const std::string& text, const std::optional<IpAddress>& address) {
  const bool has_null = text.find('\0') != std::string::npos;
  for (const auto& [family, version] : {std::pair{AF_INET, 4}, std::pair{AF_INET6, 6}}) {
    std::array<std::uint8_t, 16> octets{};
    const bool reads = !has_null && inet_pton(family, text.c_str(), octets.data()) == 1;
    const bool ours = address && address->version() == version;
    Require(reads == ours, "we read what the system reads");
    if (reads) Require(octets == address->octets(), "the octets are the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::ToText(data, size));
  const auto address = IpAddress::Parse(text);
  CheckAgainstSystem(text, address);
  AddressRanges ranges;
  if (ranges.Add(text) == ranges.empty()) Require(false, "a range that was refused adds nothing");
  if (!address) return 0;
  Require(IpAddress::Parse(address->ToString()) == address, "an address reads back");
  Require(ranges.Contains(*address), "a single address is a range with itself in it");
  return 0;
}
