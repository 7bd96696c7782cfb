#pragma once

#include <string_view>
#include <vector>

#include "web/server.h"

namespace web {

constexpr std::string_view kNoHandler = "other";

struct Answer {
  Response response;
  std::string_view handler = kNoHandler;  // the path of a route; lives as long as the router
};

/// Which answer a request gets: a route's, 404 with the paths there are, 405, or 500 when the
/// handler throws.
class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  [[nodiscard]] Answer Ask(const Request& request) const;

 private:
  [[nodiscard]] Response NotFound(const std::string& path) const;

  std::vector<Route> routes_;
};

}  // namespace web
