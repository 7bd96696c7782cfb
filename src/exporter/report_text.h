#pragma once

#include <string>

#include "matrix_federation/report.h"

namespace exporter {

/// The report for a person at a terminal: what was tried, in order, what came back, what failed and
/// what to change. Several lines with a final newline; no colours.
std::string ToText(const matrix_federation::Report& report);

}  // namespace exporter
