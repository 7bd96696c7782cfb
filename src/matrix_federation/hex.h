#pragma once

#include <string>
#include <string_view>

namespace matrix_federation {

/// Lower-case hexadecimal digits, two for each octet.
std::string ToHex(std::string_view octets);

}  // namespace matrix_federation
