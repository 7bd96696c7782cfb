#pragma once

#include "exporter/board.h"
#include "web/server.h"

namespace exporter {

/// Answers /api/v1/servers: an array with an object for each configured homeserver, in the order of
/// the configuration, as all of them were at this moment. Written part by part while it is sent,
/// for 50,000 of them are 37 MB.
web::Response ListServers(const Board& board, const web::Request& request,
                          matrix_federation::SystemTime now);

}  // namespace exporter
