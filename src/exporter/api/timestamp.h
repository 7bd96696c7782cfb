#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "matrix_federation/certificate.h"

namespace exporter {

// Points of time as JSON has them here (RFC 3339, UTC), and as Prometheus has them.

/// "2027-03-01T00:00:00Z".
std::string ToTimestamp(matrix_federation::SystemSeconds time);
/// "2027-03-01T00:00:00.123Z".
std::string ToTimestamp(matrix_federation::SystemTime time);

/// Seconds since 1970 of what ToTimestamp wrote for whole seconds; nullopt for anything else.
std::optional<double> FromTimestamp(std::string_view text);

}  // namespace exporter
