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

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Response NotAllowed(const Request& request, const Route& route) {
  const std::string methods = Join(route.methods);
  Response response = Text(405, request.path + " answers " + methods + " only\n");
  response.fields.push_back({"Allow", methods});
  return response;
}

// As the client sent it, since it may be badly encoded.
Response UnknownParameter(const std::string& query) {
  constexpr std::size_t kShown = 80;
  const std::string name = query.substr(0, query.find_first_of("=&"));
  return Text(400, "unknown parameter '" + name.substr(0, kShown) +
                       (name.size() > kShown ? "…" : "") + "'; this path takes none\n");
}

Response Busy() {
  Response response = Text(503, "too many requests at a time\n");
  response.fields.push_back({"Retry-After", "1"});
  return response;
}

Response MovedTo(const std::string& path) {
  Response response = Text(301, "it begins at " + path + "\n");
  response.fields.push_back({"Location", path});
  return response;
}

}  // namespace

Response Text(unsigned status, std::string text) {
  return {.status = status, .body = std::make_shared<const std::string>(std::move(text))};
}

Answer Router::Ask(Request request, const std::function<bool()>& has_room) const {
  if (!prefix_.empty() && request.path == prefix_) {
    return {.response = MovedTo(prefix_ + "/")};
  }
  const bool is_below = request.path.starts_with(prefix_ + "/");
  const Route* route =
      is_below ? Find(std::string_view(request.path).substr(prefix_.size())) : nullptr;
  if (route == nullptr) return {.response = NotFound(request.path)};
  request.path.erase(0, prefix_.size());
  if (std::find(route->methods.begin(), route->methods.end(), request.method) ==
      route->methods.end()) {
    return {.response = NotAllowed(request, *route), .handler = route->path};
  }
  if (!route->takes_parameters && !request.query.empty()) {
    return {.response = UnknownParameter(request.query), .handler = route->path};
  }
  if (!route->always && !has_room()) return {.response = Busy(), .handler = route->path};
  if (route->prefix) request.rest = request.path.substr(route->path.size());
  if (route->later) {
    return {.handler = route->path, .later = [route, request = std::move(request)](Reply reply) {
              route->later(request, std::move(reply));
            }};
  }
  return {.response = Call(route->handler, request), .handler = route->path};
}

const Route* Router::Find(std::string_view path) const {
  const Route* best = nullptr;
  for (const Route& route : routes_) {
    if (route.path == path) return &route;
    if (route.prefix && path.starts_with(route.path) &&
        (best == nullptr || best->path.size() < route.path.size())) {
      best = &route;
    }
  }
  return best;
}

Response Router::NotFound(const std::string& path) const {
  std::string text = "there is no " + path + " here; what there is:\n";
  for (const Route& route : routes_) {
    text += prefix_ + route.path + (route.prefix ? "…" : "") + "  " + route.summary + "\n";
  }
  return Text(404, std::move(text));
}

}  // namespace web
