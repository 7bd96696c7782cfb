#pragma once

#include <string>

namespace exporter {

// What the program's tables say, as Markdown: printed by the --print flags and kept under docs/,
// where a test holds it against the program.

/// Every metric: name, type, labels and help (`--print-metrics`, docs/metrics.md).
std::string MetricCatalogue();

/// Every check: statement, severity, source, why it matters, how to fix it, and the words of a
/// failure; and what takes precedence (`--print-checks`, docs/checks.md).
std::string CheckList();

/// The closed lists of reasons and warnings, each word with a section of its own
/// (`--print-reasons`, docs/reasons.md).
std::string ReasonList();

/// The text of `--version`.
std::string VersionText();

}  // namespace exporter
