#pragma once

#include <cstddef>
#include <string>

#include "matrix_federation/report.h"

namespace exporter {

/// The report as lines of the Test Anything Protocol, version 13: a test for each check, numbered
/// through all reports of a run. `index` is the report's place among `count`; the first one brings
/// version and plan. A warning that fails is marked TODO, which no harness counts as a failure,
/// unless `strict`.
std::string ToTap(const matrix_federation::Report& report, std::size_t index, std::size_t count,
                  bool strict);

}  // namespace exporter
