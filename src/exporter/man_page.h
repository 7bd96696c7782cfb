#pragma once

#include <string>

namespace exporter {

/// The manual page in man(7), from the table of flags (`--print-man-page`,
/// docs/matrix-federation-exporter.1).
std::string ManPage();

}  // namespace exporter
