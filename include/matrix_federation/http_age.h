#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace matrix_federation {

/// For how long a cache has kept an answer, its Age header (RFC 9111 section 5.1), or may keep it,
/// the value of max-age (section 5.2.2.1); up to kAgeMax. Of a list the first member counts;
/// nullopt for anything but digits.
std::optional<std::chrono::seconds> ParseAge(std::string_view text);

}  // namespace matrix_federation
