#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace web {

/// A client that takes up a place: since when, as a number that rises.
struct Guest {
  boost::asio::ip::address address;
  std::uint64_t since = 0;
};

/// Whose places are counted together: an IPv4 address, or the /64 of an IPv6 address, of which one
/// client has all.
boost::asio::ip::address HouseholdOf(const boost::asio::ip::address& address);

/// Who goes when a place is needed: of the household with the most guests, or of several with as
/// many, the one that has been there longest. So who takes up many places loses his own, not those
/// of others. There is at least one guest.
struct Dispensable {
  std::size_t index = 0;           // in the list of guests
  std::size_t household_size = 0;  // of that guest's household
};
Dispensable FindDispensable(const std::vector<Guest>& guests);

}  // namespace web
