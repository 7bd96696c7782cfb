#pragma once

#include <string>
#include <vector>

#include "exporter/board.h"
#include "matrix_federation/observation.h"
#include "unit/exporter/reports.h"

namespace exporter::page {

/// A row of a homeserver that was probed once, with this.
Row Probed(const std::string& server_name, matrix_federation::Observation seen,
           const std::string& group = "");

/// One that was not probed yet.
Row NeverProbed(const std::string& server_name);

/// When a result of these rows is too old.
inline constexpr matrix_federation::SystemTime kStaleAt = kFinishedAt + std::chrono::hours{1};

}  // namespace exporter::page
