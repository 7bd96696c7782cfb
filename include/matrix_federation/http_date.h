#pragma once

#include <optional>
#include <string_view>

#include "matrix_federation/certificate.h"

namespace matrix_federation {

/// An HTTP date in any of the three forms of RFC 9110 section 5.6.7; nullopt for anything else.
std::optional<SystemSeconds> ParseHttpDate(std::string_view text);

}  // namespace matrix_federation
