#pragma once

#include "exporter/command_line.h"

namespace exporter {

/// Exit statuses of `check`: promises to scripts.
inline constexpr int kCheckAllWork = 0;
inline constexpr int kCheckOnlyWarnings = 1;  // with --strict
inline constexpr int kCheckSomeFail = 2;
inline constexpr int kCheckImpossible = 3;

/// One probe of each name, reports on standard output in the order of the names. Returns the exit
/// status. Blocks; runs its own event loop.
int RunCheck(const CommandLine& line);

}  // namespace exporter
