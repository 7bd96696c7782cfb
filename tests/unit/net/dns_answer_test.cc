#include "net/dns_answer.h"

#include <ares.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "matrix_federation/limits.h"

namespace net {
namespace {

using matrix_federation::DnsAnswer;
using matrix_federation::DnsStatus;
using matrix_federation::DnsType;
using testing::IsEmpty;
using testing::SizeIs;

constexpr unsigned char kTypeA = 1;
constexpr unsigned char kTypeSrv = 33;

// An answer to a question for "a.": each record is its data, owned by the name of the question.
std::vector<unsigned char> Packet(unsigned char type,
                                  const std::vector<std::vector<unsigned char>>& records) {
  std::vector<unsigned char> packet{0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0};
  packet[7] = static_cast<unsigned char>(records.size());
  packet.insert(packet.end(), {1, 'a', 0, 0, type, 0, 1});
  for (const auto& data : records) {
    packet.insert(packet.end(), {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0});
    packet.push_back(static_cast<unsigned char>(data.size()));
    packet.insert(packet.end(), data.begin(), data.end());
  }
  return packet;
}

TEST(DnsAnswer, HoldsTheAddressesInTheirOrder) {
  const auto packet = Packet(kTypeA, {{192, 0, 2, 2}, {192, 0, 2, 1}});
  const DnsAnswer answer = ReadDnsAnswer(DnsType::kA, ARES_SUCCESS, packet);
  ASSERT_EQ(answer.status, DnsStatus::kFound);
  ASSERT_THAT(answer.addresses, SizeIs(2));
  EXPECT_EQ(answer.addresses[0].ToString(), "192.0.2.2");
  EXPECT_EQ(answer.addresses[1].ToString(), "192.0.2.1");
}

TEST(DnsAnswer, KeepsNoMoreAddressesThanItsBound) {
  const auto packet = Packet(kTypeA, {200, {192, 0, 2, 1}});
  EXPECT_THAT(ReadDnsAnswer(DnsType::kA, ARES_SUCCESS, packet).addresses,
              SizeIs(matrix_federation::kAddressesPerNameMax));
}

TEST(DnsAnswer, NamesServicesWithoutTheFinalDot) {
  const auto packet = Packet(kTypeSrv, {{0, 1, 0, 2, 0, 3, 1, 'b', 0}, {0, 1, 0, 2, 0, 3, 0}});
  const DnsAnswer answer = ReadDnsAnswer(DnsType::kSrv, ARES_SUCCESS, packet);
  ASSERT_THAT(answer.services, SizeIs(2));
  EXPECT_EQ(answer.services[0].port, 3);
  EXPECT_EQ(answer.services[0].target, "b");
  EXPECT_EQ(answer.services[1].target, ".");
}

// As Synapse does; without addresses there is nowhere to go.
TEST(DnsAnswer, HasNoServicesWhereTheServerKnowsNoSuchRecords) {
  EXPECT_EQ(ReadDnsAnswer(DnsType::kSrv, ARES_ENOTIMP, {}).status, DnsStatus::kNodata);
  EXPECT_EQ(ReadDnsAnswer(DnsType::kA, ARES_ENOTIMP, {}).status, DnsStatus::kServfail);
}

// NOTAUTH, a code of RFC 2136: c-ares calls whatever is beyond REFUSED a success.
TEST(DnsAnswer, IsAFailureWhereTheServerHasARareCode) {
  auto packet = Packet(kTypeA, {{192, 0, 2, 1}});
  ASSERT_EQ(ReadDnsAnswer(DnsType::kA, ARES_SUCCESS, packet).status, DnsStatus::kFound);
  packet[3] = (packet[3] & 0xF0) | 9;
  EXPECT_EQ(ReadDnsAnswer(DnsType::kA, ARES_SUCCESS, packet).status, DnsStatus::kServfail);
}

TEST(DnsAnswer, IsMalformedWhenThePacketIsCutOff) {
  auto packet = Packet(kTypeSrv, {{0, 1, 0, 2, 0, 3, 1, 'b', 0}});
  packet.pop_back();
  const DnsAnswer answer = ReadDnsAnswer(DnsType::kSrv, ARES_SUCCESS, packet);
  EXPECT_EQ(answer.status, DnsStatus::kMalformed);
  EXPECT_THAT(answer.services, IsEmpty());
}

// c-ares follows compression pointers to names that no DNS name can be as long as.
TEST(DnsAnswer, IsMalformedWhenATargetIsLongerThanADnsNameCanBe) {
  std::vector<unsigned char> target{0, 1, 0, 2, 0, 3};
  for (int label = 0; label < 5; ++label) {
    target.push_back(40);
    target.insert(target.end(), 40, 'x');
  }
  // The second target is five labels, then the first one: longer than 255 octets.
  std::vector<unsigned char> longer = target;
  const unsigned char first_target = 12 + 7 + 12 + 6;
  target.push_back(0);
  longer.insert(longer.end(), {0xc0, first_target});
  const auto packet = Packet(kTypeSrv, {target, longer});
  const DnsAnswer answer = ReadDnsAnswer(DnsType::kSrv, ARES_SUCCESS, packet);
  EXPECT_EQ(answer.status, DnsStatus::kMalformed);
  EXPECT_THAT(answer.services, IsEmpty());
}

TEST(DnsAnswer, ReadsNoPacketWhenTheQueryFailed) {
  const auto packet = Packet(kTypeA, {{192, 0, 2, 1}});
  const DnsAnswer answer = ReadDnsAnswer(DnsType::kA, ARES_ENOTFOUND, packet);
  EXPECT_EQ(answer.status, DnsStatus::kNxdomain);
  EXPECT_THAT(answer.addresses, IsEmpty());
}

}  // namespace
}  // namespace net
