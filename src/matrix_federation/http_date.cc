#include "matrix_federation/http_date.h"

#include <algorithm>
#include <ctime>
#include <string>

namespace matrix_federation {
namespace {

// 1970 to 2262: within what SystemTime can hold and be subtracted from.
constexpr std::chrono::seconds kEarliest{0};
constexpr std::chrono::seconds kLatest{9'214'646'400};

}  // namespace

std::optional<SystemSeconds> ParseHttpDate(std::string_view text) {
  const std::string copy(text);
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm fields{};
    const char* end = strptime(copy.c_str(), form, &fields);
    if (end != nullptr && *end == '\0') {
      const std::chrono::seconds time{timegm(&fields)};
      return SystemSeconds{std::clamp(time, kEarliest, kLatest)};
    }
  }
  return std::nullopt;
}

}  // namespace matrix_federation
