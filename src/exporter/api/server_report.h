#pragma once

#include "exporter/api/standing.h"
#include "web/server.h"

namespace exporter {

/// Answers /api/v1/servers/NAME: the last report, as the probe wrote it, with further members
/// behind its own. Of a homeserver that was never probed there are these only.
web::Response ServerReport(const Standing& standing);

}  // namespace exporter
