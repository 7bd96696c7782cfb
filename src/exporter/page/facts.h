#pragma once

#include "exporter/page/entry.h"

namespace exporter::page {

/// What is to be known of a homeserver at a glance, beside its state: certificates' days left,
/// addresses, software, destination, last and next check. Several `dl.facts`.
void WriteFacts(Html& html, const Entry& entry, matrix_federation::SystemTime now);

}  // namespace exporter::page
