#pragma once

#include "exporter/board.h"
#include "exporter/settings.h"
#include "web/server.h"

namespace exporter {

/// Answers /config: the configuration in force as a file that means the same, with every default
/// and all homeservers of this shard, whichever file they stand in. A homeserver has what differs
/// from the general settings. There are no secrets in it: those stand in the file of
/// --web.config.file.
web::Response ShowConfiguration(const Settings& settings, const Board& board,
                                const web::Request& request);

}  // namespace exporter
