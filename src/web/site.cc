#include "web/site.h"

#include <algorithm>
#include <initializer_list>

#include "web/connection.h"
#include "web/guest.h"

namespace web {
namespace {

using Standing = Connection::Standing;

struct Crowd {
  std::vector<Connection*> connections;
  std::vector<Guest> guests;
};

Crowd Those(const Site& site, std::initializer_list<Standing> standings) {
  Crowd crowd;
  for (Connection* connection : site.connections) {
    if (std::find(standings.begin(), standings.end(), connection->standing()) == standings.end()) {
      continue;
    }
    crowd.connections.push_back(connection);
    crowd.guests.push_back(connection->guest());
  }
  return crowd;
}

}  // namespace

std::shared_ptr<const Protection> Site::CurrentProtection() const {
  static const auto kNone = std::make_shared<const Protection>();
  auto current = options.protection ? options.protection() : nullptr;
  return current ? current : kNone;
}

bool Site::MakeRoomForConnection() {
  const auto open = static_cast<std::size_t>(std::count_if(
      connections.begin(), connections.end(),
      [](const Connection* connection) { return connection->standing() != Standing::kClosed; }));
  if (open < options.max_connections) return true;
  // Answers without a handler go as well: a client may never read them.
  const Crowd unserved = Those(*this, {Standing::kWaiting, Standing::kAnswering});
  if (unserved.guests.empty()) return false;
  unserved.connections[FindDispensable(unserved.guests).index]->Close();
  return true;
}

bool Site::MakeRoomForRequest(const Connection& newcomer) {
  const Crowd served = Those(*this, {Standing::kServed});
  if (served.guests.size() < options.max_requests) return true;
  if (served.guests.empty()) return false;
  const auto household = HouseholdOf(newcomer.guest().address);
  const auto of_newcomer = static_cast<std::size_t>(
      std::count_if(served.guests.begin(), served.guests.end(),
                    [&](const Guest& guest) { return HouseholdOf(guest.address) == household; }));
  const Dispensable dispensable = FindDispensable(served.guests);
  if (dispensable.household_size <= of_newcomer + 1) return false;
  served.connections[dispensable.index]->Close();
  return true;
}

}  // namespace web
