#include "web/guest.h"

#include <gtest/gtest.h>

#include <string>

namespace web {
namespace {

using boost::asio::ip::make_address;

Guest From(const std::string& address, std::uint64_t since) {
  return {.address = make_address(address), .since = since};
}

TEST(Guests, TheLongestOfTheLargestHouseholdGoes) {
  const auto found = FindDispensable(
      {From("192.0.2.1", 1), From("192.0.2.2", 9), From("192.0.2.2", 5), From("192.0.2.2", 7)});
  EXPECT_EQ(found.index, 2U);
  EXPECT_EQ(found.household_size, 3U);
}

TEST(Guests, TheLongestGoesWhereHouseholdsAreOfOneSize) {
  EXPECT_EQ(FindDispensable({From("192.0.2.1", 9), From("2001:db8::1", 1)}).index, 1U);
  EXPECT_EQ(FindDispensable({From("192.0.2.1", 1), From("2001:db8::1", 9)}).index, 0U);
}

TEST(Guests, TheOnlyOneGoes) {
  EXPECT_EQ(FindDispensable({From("192.0.2.1", 1)}).household_size, 1U);
}

TEST(Guests, ANetworkOfIpv6IsOneHousehold) {
  EXPECT_EQ(HouseholdOf(make_address("2001:db8:0:1::a")),
            HouseholdOf(make_address("2001:db8:0:1:ffff::b")));
  EXPECT_NE(HouseholdOf(make_address("2001:db8:0:1::a")),
            HouseholdOf(make_address("2001:db8:0:2::a")));
}

TEST(Guests, AddressesOfIpv4AreApartAlsoOnASocketOfBothVersions) {
  EXPECT_NE(HouseholdOf(make_address("::ffff:192.0.2.1")),
            HouseholdOf(make_address("::ffff:192.0.2.2")));
  EXPECT_EQ(HouseholdOf(make_address("::ffff:192.0.2.1")), make_address("192.0.2.1"));
}

}  // namespace
}  // namespace web
