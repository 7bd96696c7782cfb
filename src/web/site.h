#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "web/authenticator.h"
#include "web/protection.h"
#include "web/router.h"
#include "web/server.h"

namespace web {

class Connection;

/// What all connections of a server share, and they themselves.
struct Site {
  Site(std::vector<Route> routes, ServerOptions what)
      : router(std::move(routes), what.route_prefix), options(std::move(what)) {}

  /// What is in force now; never null.
  [[nodiscard]] std::shared_ptr<const Protection> CurrentProtection() const;

  /// Whether there is room for one more connection, made by closing one that no handler serves
  /// where need be.
  bool MakeRoomForConnection();

  /// Whether there is room for one more request in service, made by cutting off a response where
  /// somebody takes more than this newcomer would.
  bool MakeRoomForRequest(const Connection& newcomer);

  Router router;
  ServerOptions options;
  Authenticator authenticator;
  TokenBucket bucket;
  std::unordered_set<Connection*> connections;  // each as long as it lives
  std::uint64_t arrivals = 0;                   // numbers the connections and their requests
};

}  // namespace web
