#pragma once

#include <string>
#include <vector>

#include "exporter/command_line.h"

namespace exporter {

/// Where a daemon with these flags says whether it is healthy: at its health addresses if it has
/// any, else at all others, by https when it has TLS. An address that means every one of the
/// machine is asked on loopback. Empty, with a sentence in `error`, when an address is none.
std::vector<std::string> HealthUrls(const CommandLine& line, bool has_tls, std::string& error);

/// Asks a running daemon on this machine. Returns the exit status: 0 when it is healthy, else 1 and
/// a sentence on standard error.
int RunHealthcheck(const CommandLine& line);

}  // namespace exporter
