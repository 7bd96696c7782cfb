#pragma once

#include "exporter/page/entry.h"

namespace exporter::page {

/// One homeserver in the list.
void WriteRow(Html& html, const Entry& entry, matrix_federation::SystemTime now);

}  // namespace exporter::page
