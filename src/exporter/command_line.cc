#include "exporter/command_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "exporter/flags.h"
#include "exporter/nearest_word.h"
#include "exporter/shard.h"

namespace exporter {
namespace {

constexpr std::array kVerbs = {
    Verb{"check", Command::kCheck, "server name", "NAME", "example.org",
         "One probe of each server name, now."},
    Verb{"explain", Command::kExplain, "reason, warning or check", "WORD", "tls_cert_expired",
         "What a reason, warning or check means, why it matters and how to mend it."},
    Verb{"healthcheck", Command::kHealthcheck, "", "", "",
         "Whether the daemon that runs with these flags on this machine is healthy."},
};

constexpr int kRequestsMax = 10'000;

template <Command kCommand>
bool SetCommand(CommandLine& line, const std::string& /*value*/) {
  line.command = kCommand;
  return true;
}

bool SetLogLevel(CommandLine& line, const std::string& value) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    if (Word(level) != value) continue;
    line.log_level = level;
    return true;
  }
  return false;
}

bool SetLogFormat(CommandLine& line, const std::string& value) {
  line.log_format = value == "json" ? LogFormat::kJson : LogFormat::kLogfmt;
  return value == "json" || value == "logfmt";
}

bool SetFormat(CommandLine& line, const std::string& value) {
  for (const CheckFormat format :
       {CheckFormat::kText, CheckFormat::kJson, CheckFormat::kPrometheus, CheckFormat::kTap}) {
    if (Word(format) != value) continue;
    line.format = format;
    return true;
  }
  return false;
}

bool SetCompletion(CommandLine& line, const std::string& value) {
  line.command = Command::kPrintCompletion;
  line.shell = value;
  return value == "bash" || value == "zsh" || value == "fish";
}

struct TakenPath {
  std::string_view path;
  std::string_view by;
};

// Below those that end in "/" all paths are taken, but of the first one.
constexpr std::array kTakenPaths = {
    TakenPath{"/", "the status page"},
    TakenPath{"/-/", "health checks, reloads and what belongs to pages"},
    TakenPath{"/api/federation-ok", "the verdict of the federation tester"},
    TakenPath{"/api/report", "the report of the federation tester"},
    TakenPath{"/api/v1/servers", "the list of homeservers"},
    TakenPath{"/api/v1/servers/", "the reports of homeservers"},
    TakenPath{"/config", "the configuration in force"},
    TakenPath{"/probe", "the metrics of blackbox_exporter"},
    TakenPath{"/servers/", "the pages of homeservers"},
};

bool SetTelemetryPath(CommandLine& line, const std::string& value) {
  for (const auto& [path, by] : kTakenPaths) {
    const bool is_below = path.size() > 1 && path.ends_with('/') && value.starts_with(path);
    if (value != path && !is_below) continue;
    line.error = "--web.telemetry-path: '" + value + "' is taken by " + std::string(by) +
                 "; choose another one, like /metrics";
    return false;
  }
  line.telemetry_path = value;
  return value.starts_with('/') && value.find_first_of("?# ") == std::string::npos;
}

std::string WithoutSlashAtEnd(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

bool SetRoutePrefix(CommandLine& line, const std::string& value) {
  line.route_prefix = WithoutSlashAtEnd(value);
  return value.starts_with('/') && value.find_first_of("?# %\"<>") == std::string::npos;
}

bool SetExternalUrl(CommandLine& line, const std::string& value) {
  line.external_url = WithoutSlashAtEnd(value);
  const std::size_t host = value.starts_with("http://") ? 7 : value.starts_with("https://") ? 8 : 0;
  return host != 0 && value.size() > host && value[host] != '/' &&
         std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; }) &&
         value.find_first_of("?#\"<>") == std::string::npos;
}

bool SetMaxRequests(CommandLine& line, const std::string& value) {
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), line.max_requests);
  return error == std::errc() && end == value.data() + value.size() && line.max_requests >= 1 &&
         line.max_requests <= kRequestsMax;
}

bool SetLifecycle(CommandLine& line, const std::string& value) {
  line.enable_lifecycle = value == "true";
  return value == "true" || value == "false";
}

bool SetShard(CommandLine& line, const std::string& value) {
  line.shard = value;
  return value == "auto" ||
         (!value.empty() && value.find_first_not_of("0123456789") == std::string::npos);
}

bool SetShards(CommandLine& line, const std::string& value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), line.shards);
  return error == std::errc() && end == value.data() + value.size() && line.shards >= 1 &&
         line.shards <= kShardsMax;
}

constexpr std::array kFlags = {
    Flag{"config.file", "FILE", kDefaultConfigFile, "Configuration file.", true, true,
         [](CommandLine& line, const std::string& value) {
           line.config_file = value;
           return !value.empty();
         }},
    Flag{"config.check", "", "", "Check the configuration, print every mistake, and exit.", false,
         true, SetCommand<Command::kCheckConfig>},
    Flag{"web.listen-address", "ADDRESS", kDefaultListenAddress,
         "Address to listen on, like :10448, 127.0.0.1:10448 or [::1]:10448; repeatable.", false,
         true,
         [](CommandLine& line, const std::string& value) {
           line.listen_addresses.push_back(value);
           return !value.empty();
         },
         false, true},
    Flag{"web.telemetry-path", "PATH", "/metrics",
         "Path under which metrics are served; begins with '/', and nothing else is served there.",
         false, true, SetTelemetryPath},
    Flag{"web.config.file", "FILE", "",
         "File with TLS, users and headers of the web server, in the format of Prometheus' "
         "exporters; re-read when it changes.",
         false, true,
         [](CommandLine& line, const std::string& value) {
           line.web_config_file = value;
           return !value.empty();
         },
         false, true},
    Flag{"web.health-listen-address", "ADDRESS", "",
         "Address that serves /-/healthy and /-/ready and nothing else, without TLS and users; "
         "repeatable.",
         false, true,
         [](CommandLine& line, const std::string& value) {
           line.health_listen_addresses.push_back(value);
           return !value.empty();
         },
         false, true},
    Flag{"web.max-requests", "COUNT", "40",
         "Requests that are answered at a time, 1 to 10000; those above it are answered 503.",
         false, true, SetMaxRequests},
    Flag{"web.route-prefix", "PATH", "/", "Path below which everything is served; begins with '/'.",
         false, true, SetRoutePrefix, false, true},
    Flag{"web.external-url", "URL", "",
         "URL under which people reach this exporter, like https://example.org/federation; links "
         "are made with it. Its path is the route prefix where none is given.",
         false, true, SetExternalUrl, false, true},
    Flag{"web.enable-lifecycle", "BOOL", "true",
         "Whether POST /-/reload reloads the configuration: true or false.", false, true,
         SetLifecycle, false, false, "true false"},
    Flag{"shard", "NUMBER", "0",
         "Which part of the homeservers this exporter watches, from 0; auto: the number at the end "
         "of the host name, as a StatefulSet's pods have it.",
         false, true, SetShard},
    Flag{"shards", "COUNT", "1",
         "How many exporters share the homeservers, 1 to 1000. Each homeserver is on exactly one; "
         "all exporters read the same configuration.",
         false, true, SetShards},
    Flag{"log.level", "LEVEL", "info", "Least severe messages to log: debug, info, warn or error.",
         false, true, SetLogLevel, false, false, "debug info warn error"},
    Flag{"log.format", "FORMAT", "logfmt", "Form of log messages: logfmt or json.", false, true,
         SetLogFormat, false, false, "logfmt json"},
    Flag{"state.file", "FILE", "$STATE_DIRECTORY/state under systemd, else none",
         "File through which results survive a restart; empty for none.", false, true,
         [](CommandLine& line, const std::string& value) {
           line.state_file = value;
           return true;
         }},
    Flag{"format", "FORMAT", "text",
         "With check: form of the reports: text, json, prometheus (the metrics of the daemon) or "
         "tap (Test Anything Protocol).",
         true, false, SetFormat, false, false, "text json prometheus tap"},
    Flag{"strict", "", "",
         "With check: exit status 1 when all work but some carry warnings or fail a check that "
         "only warns.",
         true, false,
         [](CommandLine& line, const std::string& /*value*/) {
           line.strict = true;
           return true;
         }},
    Flag{"print-config", "", "", "Print the reference configuration and exit.", false, true,
         SetCommand<Command::kPrintConfig>},
    Flag{"print-metrics", "", "", "Print the metric catalogue and exit.", false, true,
         SetCommand<Command::kPrintMetrics>},
    Flag{"print-checks", "", "", "Print the list of checks and exit.", false, true,
         SetCommand<Command::kPrintChecks>},
    Flag{"print-reasons", "", "", "Print the words of reasons and warnings and exit.", false, true,
         SetCommand<Command::kPrintReasons>},
    Flag{"print-man-page", "", "", "Print the manual page and exit.", false, true,
         SetCommand<Command::kPrintManPage>},
    Flag{"print-completion", "SHELL", "",
         "Print the command line completion of a shell, bash, zsh or fish, and exit.", false, true,
         SetCompletion, false, false, "bash zsh fish"},
    Flag{"version", "", "", "Print the version and exit.", true, true,
         SetCommand<Command::kVersion>, true, true},
    Flag{"help", "", "", "Print this text and exit.", true, true, SetCommand<Command::kHelp>, true,
         true},
};

const Flag* FindFlag(std::string_view name, const Verb* verb) {
  const auto found = std::find_if(kFlags.begin(), kFlags.end(), [&](const Flag& flag) {
    return flag.name == name && IsFor(flag, verb);
  });
  return found == kFlags.end() ? nullptr : &*found;
}

// "the daemon" for none of them.
std::string NameOf(const Verb* verb) {
  return verb == nullptr ? "the daemon" : std::string(verb->name);
}

// Empty when no command has the flag.
std::string OwnerOf(std::string_view flag) {
  if (FindFlag(flag, nullptr) != nullptr) return NameOf(nullptr);
  const auto* const owner = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& verb) {
    return FindFlag(flag, &verb) != nullptr;
  });
  return owner == kVerbs.end() ? "" : NameOf(owner);
}

std::string UnknownFlag(const std::string& name, const Verb* verb) {
  const std::string owner = OwnerOf(name);
  if (!owner.empty()) return "--" + name + " belongs to " + owner + ", not to " + NameOf(verb);
  std::vector<std::string_view> known;
  for (const Flag& flag : kFlags) {
    if (IsFor(flag, verb)) known.push_back(flag.name);
  }
  const std::string nearest = NearestWord(name, known);
  return "unknown flag --" + name + (verb == nullptr ? "" : " for " + std::string(verb->name)) +
         (nearest.empty() ? "; --help lists the flags" : "; did you mean --" + nearest + "?");
}

// Reads arguments one after another; `error` stays empty while they make sense.
class Parser {
 public:
  explicit Parser(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  CommandLine Parse() {
    ReadVerb();
    bool only_names = false;
    while (next_ < arguments_.size() && line_.error.empty()) {
      const std::string& argument = arguments_[next_++];
      if (!only_names && argument == "--") {
        only_names = true;
      } else if (!only_names && argument.starts_with("--")) {
        ReadFlag(argument.substr(2));
      } else if (!only_names && argument == "-h") {
        line_.command = Command::kHelp;
      } else if (!only_names && argument.starts_with('-')) {
        line_.error = "unknown flag " + argument +
                      "; flags begin with two dashes, and -- comes before a name that begins with "
                      "one";
      } else {
        ReadName(argument);
      }
    }
    if (line_.error.empty() && verb_ != nullptr && line_.command == verb_->command &&
        line_.names.empty() && !verb_->takes.empty()) {
      line_.error = std::string(verb_->name) + " needs at least one " + std::string(verb_->takes) +
                    ", like: " + std::string(verb_->name) + " " + std::string(verb_->example);
    }
    return std::move(line_);
  }

 private:
  void ReadVerb() {
    for (const Verb& verb : kVerbs) {
      if (arguments_.empty() || arguments_.front() != verb.name) continue;
      verb_ = &verb;
      line_.command = verb.command;
      next_ = 1;
    }
  }

  void ReadFlag(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const Flag* flag = FindFlag(name, verb_);
    if (flag == nullptr) {
      line_.error = UnknownFlag(name, verb_);
      return;
    }
    std::string value;
    if (flag->value.empty()) {
      if (equals != std::string::npos) {
        line_.error = "--" + name + " takes no value";
        return;
      }
    } else if (equals != std::string::npos) {
      value = text.substr(equals + 1);
    } else if (next_ < arguments_.size()) {
      value = arguments_[next_++];
    } else {
      line_.error = "--" + name + " needs a value: --" + name + "=" + std::string(flag->value);
      return;
    }
    const Command before = line_.command;
    const bool allowed = flag->apply(line_, value);
    NoteCommand(name, before);
    if (!allowed && line_.error.empty()) {
      line_.error = "--" + name + ": '" + value + "' is not allowed. " + std::string(flag->help);
    }
  }

  // Of the flags that are commands there can be one; --help goes before any.
  void NoteCommand(const std::string& flag, Command before) {
    if (line_.command == before) return;
    if (before == Command::kHelp) {
      line_.command = before;
    } else if (!command_flag_.empty() && line_.command != Command::kHelp) {
      line_.error = "--" + command_flag_ + " and --" + flag + " exclude each other";
    }
    command_flag_ = flag;
  }

  void ReadName(const std::string& argument) {
    if (verb_ != nullptr && !verb_->takes.empty()) {
      line_.names.push_back(argument);
      return;
    }
    std::vector<std::string_view> verbs;
    for (const Verb& verb : kVerbs) verbs.push_back(verb.name);
    const std::string nearest = NearestWord(argument, verbs);
    line_.error = "unexpected argument '" + argument + "'; ";
    if (verb_ != nullptr) {
      line_.error += std::string(verb_->name) + " takes flags only";
    } else if (!command_flag_.empty()) {
      line_.error += "--" + command_flag_ + " takes none";
    } else if (!nearest.empty()) {
      line_.error += "did you mean " + nearest + "?";
    } else {
      line_.error +=
          "the commands are check, explain and healthcheck, and they come first: check " + argument;
    }
  }

  const std::vector<std::string>& arguments_;
  std::size_t next_ = 0;
  const Verb* verb_ = nullptr;
  std::string command_flag_;  // like "print-config"; empty until one was read
  CommandLine line_;
};

}  // namespace

std::string_view Word(CheckFormat format) {
  switch (format) {
    case CheckFormat::kText: return "text";
    case CheckFormat::kJson: return "json";
    case CheckFormat::kPrometheus: return "prometheus";
    case CheckFormat::kTap: break;
  }
  return "tap";
}

std::span<const Verb> AllVerbs() { return kVerbs; }

std::span<const Flag> AllFlags() { return kFlags; }

bool IsFor(const Flag& flag, const Verb* verb) {
  if (verb == nullptr) return flag.for_daemon;
  switch (verb->command) {
    case Command::kCheck: return flag.for_check;
    case Command::kExplain: return flag.for_explain;
    default: return flag.for_healthcheck;
  }
}

CommandLine ParseCommandLine(const std::vector<std::string>& arguments) {
  return Parser(arguments).Parse();
}

std::string RoutePrefix(const CommandLine& line) {
  if (line.route_prefix) return *line.route_prefix;
  const std::size_t scheme = line.external_url.find("://");
  if (scheme == std::string::npos) return {};
  const std::size_t path = line.external_url.find('/', scheme + 3);
  return path == std::string::npos ? std::string() : line.external_url.substr(path);
}

std::string HelpText() {
  std::string out =
      "matrix-federation-exporter: tells whether other servers can reach Matrix homeservers.\n"
      "\n"
      "  matrix-federation-exporter [FLAGS]              the daemon: probes, and serves metrics\n"
      "  matrix-federation-exporter check [FLAGS] NAME…  one probe of each server name, now\n"
      "  matrix-federation-exporter explain WORD…        what a reason, warning or check means,\n"
      "                                                  why it matters and how to mend it\n"
      "  matrix-federation-exporter healthcheck [FLAGS]  whether the daemon that runs with these\n"
      "                                                  flags on this machine is healthy\n"
      "\n"
      "check exits with 0 when every server can be reached and is as the configuration's expect\n"
      "demands, 2 when one is not, 3 when the check itself could not be made, and with --strict 1\n"
      "when there are only warnings. healthcheck exits with 0 when the daemon says that it is\n"
      "healthy, and with 1 when not, after 5 seconds at the latest.\n"
      "\n"
      "Flags, as --flag=value or --flag value:\n";
  for (const Flag& flag : kFlags) {
    out += "  --" + std::string(flag.name);
    if (!flag.value.empty()) out += "=" + std::string(flag.value);
    out += "\n        " + std::string(flag.help);
    if (!flag.default_text.empty()) out += " Default: " + std::string(flag.default_text) + ".";
    out += "\n";
  }
  return out;
}

}  // namespace exporter
