#include "web/router.h"

#include <algorithm>

namespace web {
namespace {

Response Call(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (...) {
    return Text(500, "internal error\n");
  }
}

}  // namespace

Response Text(unsigned status, std::string text) {
  return {.status = status, .body = std::make_shared<const std::string>(std::move(text))};
}

Answer Router::Ask(const Request& request) const {
  const auto route = std::find_if(routes_.begin(), routes_.end(),
                                  [&](const Route& r) { return r.path == request.path; });
  if (route == routes_.end()) return {.response = NotFound(request.path)};
  if (request.method != "GET" && request.method != "HEAD") {
    return {.response = Text(405, request.path + " answers GET and HEAD only\n"),
            .handler = route->path};
  }
  return {.response = Call(route->handler, request), .handler = route->path};
}

Response Router::NotFound(const std::string& path) const {
  std::string text = "there is no " + path + " here; what there is:\n";
  for (const Route& route : routes_) text += route.path + "  " + route.summary + "\n";
  return Text(404, std::move(text));
}

}  // namespace web
