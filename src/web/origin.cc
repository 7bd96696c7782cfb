#include "web/origin.h"

#include "web/field_value.h"

namespace web {
bool ComesFromElsewhere(const Request& request, std::string_view own_origin) {
  const std::string_view site = request.site;
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  const std::string_view origin = request.origin;
  if (origin.empty() || (!own_origin.empty() && EqualsIgnoringCase(origin, own_origin)))
    return false;
  // "null", of a page without an origin, has no scheme.
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ||
         !EqualsIgnoringCase(origin.substr(scheme + 3), request.host);
}

std::string OriginOf(std::string_view url) {
  const auto authority = url.find("://");
  if (authority == std::string_view::npos) return {};
  return std::string(url.substr(0, url.find('/', authority + 3)));
}

}  // namespace web
