#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/server.h"

namespace web {

constexpr std::string_view kNoHandler = "other";

struct Answer {
  Response response;
  std::string_view handler = kNoHandler;  // the path of a route; lives as long as the router
  std::function<void(Reply)> later;       // gives the response, where it is set; likewise
};

/// Which answer a request gets: a route's, 404 with the paths there are, 405 with the methods there
/// are, 400 for a parameter that the route does not take, or 500 when the handler throws.
class Router {
 public:
  /// The prefix is "" or like "/federation".
  explicit Router(std::vector<Route> routes, std::string prefix = {})
      : routes_(std::move(routes)), prefix_(std::move(prefix)) {}

  /// `has_room` says whether a handler may be called now; otherwise the answer is 503.
  [[nodiscard]] Answer Ask(Request request, const std::function<bool()>& has_room) const;

 private:
  [[nodiscard]] const Route* Find(std::string_view path) const;
  [[nodiscard]] Response NotFound(const std::string& path) const;

  std::vector<Route> routes_;
  std::string prefix_;
};

}  // namespace web
