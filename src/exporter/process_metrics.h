#pragma once

#include <string>

#include "exporter/exposition_text.h"

namespace exporter {

/// Appends the standard `process_*` families (Prometheus client libraries, "Process metrics"), read
/// from /proc now; what cannot be read is left out. Any thread.
void AppendProcessMetrics(Format format, std::string& out);

}  // namespace exporter
