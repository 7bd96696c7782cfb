#pragma once

#include <string>

namespace exporter {

/// Appends the standard `process_*` families (Prometheus client libraries, "Process metrics"), read
/// from /proc now; what cannot be read is left out. Any thread.
void AppendProcessMetrics(std::string& out);

}  // namespace exporter
