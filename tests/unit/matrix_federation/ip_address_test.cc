#include "matrix_federation/ip_address.h"

#include <gtest/gtest.h>

namespace matrix_federation {
namespace {

IpAddress Ip(const std::string& text) { return IpAddress::Parse(text).value(); }

AddressRanges RangesOf(std::initializer_list<const char*> texts) {
  AddressRanges ranges;
  for (const char* text : texts) EXPECT_TRUE(ranges.Add(text)) << text;
  return ranges;
}

TEST(IpAddress, IsWrittenInItsShortestForm) {
  EXPECT_EQ(Ip("2001:0DB8:0:0::0010").ToString(), "2001:db8::10");
  EXPECT_EQ(Ip("192.0.2.10").ToString(), "192.0.2.10");
  EXPECT_EQ((SocketAddress{Ip("2001:db8::10"), 8448}).ToString(), "[2001:db8::10]:8448");
  EXPECT_EQ((SocketAddress{Ip("192.0.2.10"), 443}).ToString(), "192.0.2.10:443");
}

TEST(IpAddress, IsReadStrictly) {
  for (const std::string& text :
       {std::string(""), std::string("127.1"), std::string("0x7f.0.0.1"),
        std::string("192.0.2.010"), std::string("[::1]"), std::string("fe80::1%lo"),
        std::string("192.0.2.1 "), std::string("192.0.2.1\0", 10), std::string("::1\0x", 5)}) {
    EXPECT_FALSE(IpAddress::Parse(text)) << text;
  }
}

TEST(IpAddress, DiffersByVersionAndOctets) {
  EXPECT_EQ(Ip("::ffff:192.0.2.1").version(), 6);
  EXPECT_NE(Ip("192.0.2.1"), Ip("::ffff:192.0.2.1"));
  EXPECT_EQ(Ip("2001:DB8::1"), Ip("2001:db8:0::1"));
}

TEST(IpAddress, IsReachedOverIpv4WhenItIsMapped) {
  EXPECT_EQ(Ip("::ffff:192.0.2.1").network_version(), 4);
  EXPECT_EQ(Ip("192.0.2.1").network_version(), 4);
  EXPECT_EQ(Ip("64:ff9b::192.0.2.1").network_version(), 6);
  EXPECT_EQ(Ip("::fffe:192.0.2.1").network_version(), 6);
}

TEST(AddressRanges, TakeCidrsAddressesAndTheWordPrivate) {
  AddressRanges ranges;
  for (const char* text : {"10.0.0.0/8", "fd00::/8", "192.0.2.1", "::1", "private", "0.0.0.0/0"}) {
    EXPECT_TRUE(ranges.Add(text)) << text;
  }
}

TEST(AddressRanges, RefuseAnythingElse) {
  AddressRanges ranges;
  for (const char* text : {"", "public", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/-1",
                           "10.0.0.0/8x", "10/8", "example.org", "/8"}) {
    EXPECT_FALSE(ranges.Add(text)) << text;
  }
  EXPECT_TRUE(ranges.empty());
}

TEST(AddressRanges, EndWhereTheirPrefixEnds) {
  const AddressRanges ranges = RangesOf({"172.16.0.0/12", "2001:db8:8000::/33", "198.51.100.7"});
  EXPECT_TRUE(ranges.Contains(Ip("172.16.0.0")));
  EXPECT_TRUE(ranges.Contains(Ip("172.31.255.255")));
  EXPECT_FALSE(ranges.Contains(Ip("172.15.255.255")));
  EXPECT_FALSE(ranges.Contains(Ip("172.32.0.0")));
  EXPECT_TRUE(ranges.Contains(Ip("2001:db8:8000::1")));
  EXPECT_FALSE(ranges.Contains(Ip("2001:db8:7fff::1")));
  EXPECT_TRUE(ranges.Contains(Ip("198.51.100.7")));
  EXPECT_FALSE(ranges.Contains(Ip("198.51.100.6")));
}

TEST(AddressRanges, CoverAWholeIpVersionWithPrefixZero) {
  const AddressRanges ranges = RangesOf({"0.0.0.0/0"});
  EXPECT_TRUE(ranges.Contains(Ip("203.0.113.1")));
  EXPECT_FALSE(ranges.Contains(Ip("2001:db8::1")));
}

TEST(AddressRanges, CallPrivateWhatMayLeadIntoSomebodysNetwork) {
  const AddressRanges ranges = RangesOf({"private"});
  for (const char* text :
       {"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
        "fc00::1", "fdff::1", "fec0::2", "2001::1", "ff02::1"}) {
    EXPECT_TRUE(ranges.Contains(Ip(text))) << text;
  }
  for (const char* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.128.0.0", "172.32.0.1",
                           "192.169.0.0", "2606:4700::1", "2a00::1", "192.0.2.1", "2001:db8::1"}) {
    EXPECT_FALSE(ranges.Contains(Ip(text))) << text;
  }
}

TEST(AddressRanges, SeeTheIpv4AddressInsideAnIpv6Address) {
  const AddressRanges ranges = RangesOf({"127.0.0.0/8", "10.0.0.0/8"});
  EXPECT_TRUE(ranges.Contains(Ip("::ffff:127.0.0.1"))) << "IPv4-mapped";
  EXPECT_TRUE(ranges.Contains(Ip("::ffff:7f00:1"))) << "IPv4-mapped, in hexadecimal";
  EXPECT_TRUE(ranges.Contains(Ip("64:ff9b::10.0.0.1"))) << "NAT64";
  EXPECT_FALSE(ranges.Contains(Ip("::ffff:192.0.2.1")));
  EXPECT_FALSE(ranges.Contains(Ip("64:ff9b::192.0.2.1")));
  EXPECT_TRUE(ranges.Contains(Ip("2002:a00:1::1"))) << "6to4";
  EXPECT_FALSE(ranges.Contains(Ip("2002:c000:201::1")));
}

}  // namespace
}  // namespace matrix_federation
