#pragma once

#include <string>
#include <string_view>

namespace exporter {

/// The completion of the command line for "bash", "zsh" or "fish", from the table of flags
/// (`--print-completion`, deploy/completion).
std::string Completion(std::string_view shell);

}  // namespace exporter
