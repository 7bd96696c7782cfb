#pragma once

#include "exporter/command_line.h"

namespace exporter {

/// The daemon: loads the configuration, opens the sockets, probes and serves until SIGTERM or
/// SIGINT. Returns the exit status: 0 after a clean stop, 1 when it could not start; nothing starts
/// half.
int RunDaemon(const CommandLine& line);

}  // namespace exporter
