#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporter/command_line.h"

namespace exporter {

/// What --config.check finds: every mistake for which the daemon would not start with this command
/// line. What only the start itself can tell is left out, such as a port that is in use.
struct ConfigCheck {
  std::string file;
  std::vector<std::string> mistakes;
  std::vector<std::string> warnings;  // of the configuration; these do no harm to the start
  std::size_t homeservers = 0;        // when there is no mistake
};

ConfigCheck CheckConfiguration(const CommandLine& line);

/// Prints it; the exit status.
int RunConfigCheck(const CommandLine& line);

}  // namespace exporter
