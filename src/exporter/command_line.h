#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/logger.h"

namespace exporter {

enum class Command : std::uint8_t {
  kDaemon,
  kCheck,        // one probe of each name, now
  kExplain,      // what words mean and how to mend it
  kHealthcheck,  // asks the daemon that runs whether it is healthy
  kCheckConfig,  // validate the configuration
  kPrintConfig,
  kPrintMetrics,
  kPrintChecks,
  kPrintReasons,
  kPrintManPage,
  kPrintCompletion,
  kVersion,
  kHelp,
};

enum class CheckFormat : std::uint8_t { kText, kJson, kPrometheus, kTap };

/// "text", "json", "prometheus", "tap".
std::string_view Word(CheckFormat format);

/// What the command line asks for.
struct CommandLine {
  Command command = Command::kDaemon;
  std::string config_file;  // empty: not given
  std::vector<std::string> listen_addresses;
  std::string telemetry_path = "/metrics";
  std::string web_config_file;                       // empty: none
  std::vector<std::string> health_listen_addresses;  // empty: none
  int max_requests = 40;
  std::optional<std::string> route_prefix;  // "" or like "/federation"; see RoutePrefix
  std::string external_url;                 // empty: not given
  bool enable_lifecycle = true;
  std::string shard = "0";  // or "auto"
  int shards = 1;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
  std::optional<std::string> state_file;  // empty: none
  CheckFormat format = CheckFormat::kText;
  bool strict = false;
  std::string shell;               // whose completion is to be printed
  std::vector<std::string> names;  // of servers to check, or words to explain
  std::string error;               // a sentence, when the command line is wrong
};

inline constexpr const char* kDefaultConfigFile = "/etc/matrix-federation-exporter/config.yaml";
inline constexpr const char* kDefaultListenAddress = ":10448";

/// `arguments` without the program's name. A flag may be given as --flag=value or --flag value.
CommandLine ParseCommandLine(const std::vector<std::string>& arguments);

/// Where the paths begin, "" or like "/federation": as the flag says, or else the external URL.
std::string RoutePrefix(const CommandLine& line);

/// The text of --help, from the table of flags.
std::string HelpText();

}  // namespace exporter
