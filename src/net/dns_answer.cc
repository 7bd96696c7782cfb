#include "net/dns_answer.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <array>
#include <cstring>

#include "matrix_federation/limits.h"

// Written against c-ares 1.18 (Debian 12): a malformed SRV answer is "success" until it is parsed,
// and compression pointers may lead to a name longer than any DNS name.

namespace net {
namespace {

using matrix_federation::DnsAnswer;
using matrix_federation::DnsStatus;
using matrix_federation::DnsType;
using matrix_federation::IpAddress;

DnsStatus StatusOf(DnsType type, int code) {
  // As Synapse has it: a server that knows no such records has none.
  if (type == DnsType::kSrv && code == ARES_ENOTIMP) return DnsStatus::kNodata;
  switch (code) {
    case ARES_SUCCESS: return DnsStatus::kFound;
    case ARES_ENODATA: return DnsStatus::kNodata;
    case ARES_ENOTFOUND:
    case ARES_EBADNAME: return DnsStatus::kNxdomain;
    case ARES_ESERVFAIL:
    case ARES_ENOTIMP: return DnsStatus::kServfail;
    case ARES_EREFUSED: return DnsStatus::kRefused;
    case ARES_EBADRESP:
    case ARES_EFORMERR: return DnsStatus::kMalformed;
    default: return DnsStatus::kTimeout;
  }
}

IpAddress ToAddress(const in_addr& address) {
  std::array<std::uint8_t, 4> octets{};
  std::memcpy(octets.data(), &address, octets.size());
  return IpAddress::FromV4(octets);
}
IpAddress ToAddress(const ares_in6_addr& address) {
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &address, octets.size());
  return IpAddress::FromV6(octets);
}
const in_addr& AddressOf(const ares_addrttl& record) { return record.ipaddr; }
const ares_in6_addr& AddressOf(const ares_addr6ttl& record) { return record.ip6addr; }

template <typename Record, typename Parse>
int ReadAddresses(Parse parse, const unsigned char* packet, int length, DnsAnswer& answer) {
  std::array<Record, matrix_federation::kAddressesPerNameMax> records{};
  int count = static_cast<int>(records.size());
  hostent* host = nullptr;
  const int code = parse(packet, length, &host, records.data(), &count);
  if (host != nullptr) {
    answer.is_alias = host->h_aliases[0] != nullptr;
    ares_free_hostent(host);
  }
  if (code != ARES_SUCCESS) return code;
  for (int i = 0; i < count; ++i) {
    answer.addresses.push_back(ToAddress(AddressOf(records.at(static_cast<std::size_t>(i)))));
  }
  return answer.addresses.empty() ? ARES_ENODATA : ARES_SUCCESS;
}

// RFC 1035 section 2.3.4: 255 octets on the wire, so 253 as text without the final dot.
constexpr std::size_t kNameLengthMax = 253;

// The octets of a name as c-ares writes it, where "\DDD" and "\." stand for one each.
std::size_t LengthOf(std::string_view name) {
  std::size_t length = 0;
  for (std::size_t at = 0; at < name.size(); ++length) {
    const bool escaped = name[at] == '\\' && at + 1 < name.size();
    const bool number = escaped && name[at + 1] >= '0' && name[at + 1] <= '9';
    at += number ? 4 : escaped ? 2 : 1;
  }
  return length;
}

int ReadServices(const unsigned char* packet, int length, DnsAnswer& answer) {
  ares_srv_reply* records = nullptr;
  const int code = ares_parse_srv_reply(packet, length, &records);
  for (const ares_srv_reply* each = records; each != nullptr; each = each->next) {
    if (answer.services.size() == matrix_federation::kAddressesPerNameMax) break;
    std::string target(each->host);
    if (target.size() > 1 && target.ends_with('.')) target.pop_back();
    if (LengthOf(target) > kNameLengthMax) {
      ares_free_data(records);
      answer.services.clear();
      return ARES_EBADRESP;
    }
    if (target.empty()) target.push_back('.');
    answer.services.push_back({each->priority, each->weight, each->port, std::move(target)});
  }
  ares_free_data(records);
  if (code == ARES_SUCCESS && answer.services.empty()) return ARES_ENODATA;
  return code;
}

// An answer that says "does not exist" and yet holds records speaks of what an alias leads to.
bool HoldsRecords(std::span<const unsigned char> packet) {
  constexpr std::size_t kAnswerCount = 6;
  return packet.size() > kAnswerCount + 1 && (packet[kAnswerCount] | packet[kAnswerCount + 1]) != 0;
}

// A response code beyond those of RFC 1035 section 4.1.1, which c-ares takes for success.
bool HasRareCode(std::span<const unsigned char> packet) {
  constexpr std::size_t kCode = 3;
  return packet.size() > kCode && (packet[kCode] & 0x0F) > ns_r_refused;
}

}  // namespace

DnsAnswer ReadDnsAnswer(DnsType type, int code, std::span<const unsigned char> packet) {
  DnsAnswer answer;
  if (code == ARES_SUCCESS && HasRareCode(packet)) code = ARES_ESERVFAIL;
  answer.is_alias = code == ARES_ENOTFOUND && HoldsRecords(packet);
  if (code == ARES_SUCCESS) {
    const int length = static_cast<int>(packet.size());
    switch (type) {
      case DnsType::kA:
        code = ReadAddresses<ares_addrttl>(ares_parse_a_reply, packet.data(), length, answer);
        break;
      case DnsType::kAaaa:
        code = ReadAddresses<ares_addr6ttl>(ares_parse_aaaa_reply, packet.data(), length, answer);
        break;
      case DnsType::kSrv: code = ReadServices(packet.data(), length, answer); break;
    }
    // Of a query it means that no such name can exist; of an answer, that a name in it is broken.
    if (code == ARES_EBADNAME) code = ARES_EBADRESP;
  }
  answer.status = StatusOf(type, code);
  return answer;
}

}  // namespace net
