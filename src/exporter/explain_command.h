#pragma once

#include <string>
#include <vector>

#include "exporter/command_line.h"

namespace exporter {

/// What `explain` has to say.
struct Explained {
  std::string text;                   // empty when there is a mistake
  std::vector<std::string> mistakes;  // one sentence for each word that nobody knows
};

/// The texts of reasons, warnings and checks, by their names and in this order.
Explained Explain(const std::vector<std::string>& words);

/// Prints them. Returns the exit status: kCheckImpossible when a word is unknown.
int RunExplain(const CommandLine& line);

}  // namespace exporter
