#pragma once

#include "exporter/page/entry.h"
#include "exporter/page/moment.h"
#include "exporter/page/stored_report.h"

namespace exporter::page {

// The parts of a homeserver's page, each a section of its own, or nothing where there is nothing to
// say. `report` is a whole report as ToJson writes it.

/// What the root cause means, why others care, and what to do.
void WriteCauseSection(Html& html, Node report);

/// The way of a message to this homeserver, step by step: what was asked, what came back, and where
/// it broke.
void WritePathSection(Html& html, Node report);

/// The findings that do not stop federation, each with its repair.
void WriteWarningsSection(Html& html, Node report);

/// What was seen at each address: certificates, keys, version.
void WriteAddressesSection(Html& html, Node report, SystemTime now);

/// Every check with its result.
void WriteChecksSection(Html& html, Node report);

/// How it went lately, and counters.
void WriteHistorySection(Html& html, const Snapshot& snapshot, SystemTime now);

}  // namespace exporter::page
