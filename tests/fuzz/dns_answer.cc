// DNS answers: the first octet is the type asked for (A, AAAA, SRV), the rest is the packet. An
// answer holds records of that type only, within their bounds, exactly when it is found.

#include "net/dns_answer.h"

#include <ares.h>

#include "matrix_federation/limits.h"
#include "property.h"

using fuzz::Require;
using matrix_federation::DnsAnswer;
using matrix_federation::DnsStatus;
using matrix_federation::DnsType;

namespace {

// The textual form of a DNS name escapes octets as \DDD: 253 of them, four characters each.
constexpr std::size_t kNameTextMax = std::size_t{4} * 253;

void CheckRecords(DnsType type, const DnsAnswer& answer) {
  using matrix_federation::kAddressesPerNameMax;
  Require(answer.addresses.size() <= kAddressesPerNameMax, "addresses are bounded");
  Require(answer.services.size() <= kAddressesPerNameMax, "services are bounded");
  const std::size_t wanted =
      type == DnsType::kSrv ? answer.services.size() : answer.addresses.size();
  Require(wanted == answer.addresses.size() + answer.services.size(), "only what was asked for");
  Require((answer.status == DnsStatus::kFound) == (wanted != 0), "found means that there is some");
  for (const auto& address : answer.addresses) {
    Require(address.version() == (type == DnsType::kA ? 4 : 6), "A is IPv4, AAAA is IPv6");
  }
  for (const auto& service : answer.services) {
    Require(!service.target.empty(), "a target is a name or the root");
    Require(service.target.size() <= kNameTextMax, "a target is as long as a DNS name can be");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto type = static_cast<DnsType>(data[0] % 3);
  const DnsAnswer answer = net::ReadDnsAnswer(type, ARES_SUCCESS, {data + 1, size - 1});
  Require(answer.status != DnsStatus::kTimeout, "a packet is not silence");
  CheckRecords(type, answer);
  return 0;
}
