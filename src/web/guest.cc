#include "web/guest.h"

#include <algorithm>
#include <map>

namespace web {

namespace ip = boost::asio::ip;

ip::address HouseholdOf(const ip::address& address) {
  if (!address.is_v6()) return address;
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::address_v6(bytes);
}

Dispensable FindDispensable(const std::vector<Guest>& guests) {
  struct Household {
    std::size_t size = 0;
    std::size_t longest = 0;
  };
  std::map<ip::address, Household> households;
  for (std::size_t i = 0; i < guests.size(); ++i) {
    Household& household = households[HouseholdOf(guests[i].address)];
    if (household.size == 0 || guests[i].since < guests[household.longest].since) {
      household.longest = i;
    }
    ++household.size;
  }
  Dispensable found;
  for (const auto& [address, household] : households) {
    const bool is_older = household.size == found.household_size &&
                          guests[household.longest].since < guests[found.index].since;
    if (household.size > found.household_size || is_older) {
      found = {household.longest, household.size};
    }
  }
  return found;
}

}  // namespace web
