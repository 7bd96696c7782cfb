#pragma once

#include <cstddef>
#include <string>

#include "matrix_federation/report.h"

namespace exporter {

/// The report as lines of the Test Anything Protocol, version 13: a test for each check, numbered
/// through all reports of a run. `index` is the report's place among `count`; the first one brings
/// version and plan. A warning that fails is marked TODO, the protocol's own word for what no
/// harness counts as a failure, and warnings beside a verdict stand below it; if `strict`, both are
/// failures. So some test fails where the exit status says so.
std::string ToTap(const matrix_federation::Report& report, std::size_t index, std::size_t count,
                  bool strict);

}  // namespace exporter
