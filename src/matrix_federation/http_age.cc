#include "matrix_federation/http_age.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "matrix_federation/limits.h"
#include "text.h"

namespace matrix_federation {

std::optional<std::chrono::seconds> ParseAge(std::string_view text) {
  text = Trim(text.substr(0, text.find(',')));
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::int64_t age = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), age);
  if (error == std::errc::result_out_of_range) return kAgeMax;
  return std::min(std::chrono::seconds{age}, kAgeMax);
}

}  // namespace matrix_federation
