#pragma once

#include <cstddef>

#include "exporter/logger.h"
#include "exporter/settings.h"

namespace exporter {

/// Raises the soft limit of descriptors (open files and sockets) of this process to the hard one.
/// The soft one, mostly 1024, is there for programs that use select(), and this one does not.
void RaiseDescriptorLimit();

/// The descriptors that are needed while as many probes as allowed are under way. A homeserver with
/// many addresses needs more than is counted for it.
std::size_t DescriptorsFor(const ProbeSettings& probe);

/// One warning when the limit is below that. What a probe lacks, it calls `internal_error`.
void WarnOfTooFewDescriptors(const ProbeSettings& probe, Logger& logger);

}  // namespace exporter
