#pragma once

#include <string>

namespace exporter {

/// The list of checks for `--print-checks`: name, severity, statement, citation and the words that
/// a failure may carry.
std::string CheckList();

/// The text of `--version`.
std::string VersionText();

}  // namespace exporter
