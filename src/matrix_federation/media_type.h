#pragma once

#include <string_view>

namespace matrix_federation {

/// Whether a Content-Type names application/json, whatever its case and parameters (RFC 9110
/// section 8.3.1).
bool IsJsonMediaType(std::string_view content_type);

}  // namespace matrix_federation
