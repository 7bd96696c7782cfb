#pragma once

#include <span>
#include <string>
#include <string_view>

#include "exporter/command_line.h"

namespace exporter {

/// A word at the front of the command line, in place of the daemon; names or words follow it, or
/// nothing where it takes none.
struct Verb {
  std::string_view name;
  Command command;
  std::string_view takes;    // "server name"; empty: nothing, and so are the next two
  std::string_view operand;  // "NAME"
  std::string_view example;
  std::string_view summary;
};

/// One flag. The rows drive parsing, --help, the manual page and the completions of shells.
struct Flag {
  std::string_view name;
  std::string_view value;  // what it takes, empty for a switch
  std::string_view default_text;
  std::string_view help;
  bool for_check;
  bool for_daemon;
  /// False when the value is not allowed; `help` then says what is.
  bool (*apply)(CommandLine& line, const std::string& value);
  bool for_explain = false;
  bool for_healthcheck = false;
  std::string_view words = {};  // the only values allowed, separated by spaces; empty: any
};

std::span<const Verb> AllVerbs();
std::span<const Flag> AllFlags();

/// Whether a flag may stand behind this verb; nullptr: with the daemon.
bool IsFor(const Flag& flag, const Verb* verb);

}  // namespace exporter
