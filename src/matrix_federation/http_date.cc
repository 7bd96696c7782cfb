#include "matrix_federation/http_date.h"

#include <ctime>
#include <string>

namespace matrix_federation {

std::optional<SystemSeconds> ParseHttpDate(std::string_view text) {
  const std::string copy(text);
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm fields{};
    const char* end = strptime(copy.c_str(), form, &fields);
    if (end != nullptr && *end == '\0') {
      return SystemSeconds{std::chrono::seconds{timegm(&fields)}};
    }
  }
  return std::nullopt;
}

}  // namespace matrix_federation
