#include "exporter/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "exporter/api/routes.h"
#include "exporter/page/routes.h"

namespace exporter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Of a command line that must be right.
CommandLine Parsed(const std::vector<std::string>& arguments) {
  CommandLine line = ParseCommandLine(arguments);
  EXPECT_EQ(line.error, "");
  return line;
}

std::string ErrorOf(const std::vector<std::string>& arguments) {
  return ParseCommandLine(arguments).error;
}

// "config.file" of "  --config.file=FILE", for each flag of the help.
std::set<std::string> FlagsOfTheHelp() {
  std::set<std::string> flags;
  std::istringstream lines(HelpText());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  --")) flags.insert(line.substr(4, line.find('=') - 4));
  }
  return flags;
}

TEST(CommandLine, StartsTheDaemonWithoutArguments) {
  const CommandLine line = Parsed({});
  EXPECT_EQ(line.command, Command::kDaemon);
  EXPECT_EQ(line.config_file, "");
  EXPECT_THAT(line.listen_addresses, IsEmpty());
  EXPECT_EQ(line.telemetry_path, "/metrics");
  EXPECT_EQ(line.log_level, LogLevel::kInfo);
  EXPECT_EQ(line.log_format, LogFormat::kLogfmt);
}

TEST(CommandLine, TakesAValueBehindAnEqualsSign) {
  EXPECT_EQ(Parsed({"--config.file=a.yaml"}).config_file, "a.yaml");
  EXPECT_EQ(Parsed({"--config.file=a=b.yaml"}).config_file, "a=b.yaml");
}

TEST(CommandLine, TakesAValueFromTheNextArgument) {
  EXPECT_EQ(Parsed({"--config.file", "a.yaml"}).config_file, "a.yaml");
}

TEST(CommandLine, TellsNoStateFileFromAnEmptyOne) {
  EXPECT_EQ(Parsed({}).state_file, std::nullopt);
  EXPECT_EQ(Parsed({"--state.file="}).state_file, "");
  EXPECT_EQ(Parsed({"--state.file=a/state"}).state_file, "a/state");
}

TEST(CommandLine, ListensOnSeveralAddresses) {
  EXPECT_THAT(
      Parsed({"--web.listen-address=:1", "--web.listen-address", "[::1]:2"}).listen_addresses,
      ElementsAre(":1", "[::1]:2"));
}

TEST(CommandLine, TakesEveryLogLevelAndFormat) {
  EXPECT_EQ(Parsed({"--log.level=debug"}).log_level, LogLevel::kDebug);
  EXPECT_EQ(Parsed({"--log.level=info"}).log_level, LogLevel::kInfo);
  EXPECT_EQ(Parsed({"--log.level=warn"}).log_level, LogLevel::kWarn);
  EXPECT_EQ(Parsed({"--log.level=error"}).log_level, LogLevel::kError);
  EXPECT_EQ(Parsed({"--log.format=json"}).log_format, LogFormat::kJson);
  EXPECT_EQ(Parsed({"--log.format=logfmt"}).log_format, LogFormat::kLogfmt);
}

TEST(CommandLine, FindsEveryCommand) {
  EXPECT_EQ(Parsed({"--config.check"}).command, Command::kCheckConfig);
  EXPECT_EQ(Parsed({"--print-config"}).command, Command::kPrintConfig);
  EXPECT_EQ(Parsed({"--print-metrics"}).command, Command::kPrintMetrics);
  EXPECT_EQ(Parsed({"--print-checks"}).command, Command::kPrintChecks);
  EXPECT_EQ(Parsed({"--print-reasons"}).command, Command::kPrintReasons);
  EXPECT_EQ(Parsed({"--version"}).command, Command::kVersion);
  EXPECT_EQ(Parsed({"--help"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"-h"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"check", "example.org"}).command, Command::kCheck);
}

TEST(CommandLine, ChecksNamesInTheirOrder) {
  EXPECT_THAT(Parsed({"check", "b.org", "--strict", "a.org", "b.org"}).names,
              ElementsAre("b.org", "a.org", "b.org"));
}

TEST(CommandLine, TakesTheFlagsOfCheck) {
  const CommandLine line =
      Parsed({"check", "--format", "json", "--strict", "--config.file=a.yaml", "example.org"});
  EXPECT_EQ(line.format, CheckFormat::kJson);
  EXPECT_TRUE(line.strict);
  EXPECT_EQ(line.config_file, "a.yaml");
}

TEST(CommandLine, TakesEverythingBehindTwoDashesForANameOfACheck) {
  EXPECT_THAT(Parsed({"check", "--", "--strict", "--", "example.org"}).names,
              ElementsAre("--strict", "--", "example.org"));
}

TEST(CommandLine, NeedsANameToCheck) {
  EXPECT_EQ(ErrorOf({"check"}), "check needs at least one server name, like: check example.org");
  EXPECT_EQ(ErrorOf({"check", "--strict", "--"}),
            "check needs at least one server name, like: check example.org");
}

TEST(CommandLine, HelpsAboutCheckWithoutANameToCheck) {
  EXPECT_EQ(Parsed({"check", "--help"}).command, Command::kHelp);
}

TEST(CommandLine, ExplainsWords) {
  const CommandLine line = Parsed({"explain", "tls_cert_expired", "--", "-x"});
  EXPECT_EQ(line.command, Command::kExplain);
  EXPECT_THAT(line.names, ElementsAre("tls_cert_expired", "-x"));
}

TEST(CommandLine, NeedsAWordToExplain) {
  EXPECT_EQ(ErrorOf({"explain"}),
            "explain needs at least one reason, warning or check, like: explain tls_cert_expired");
}

TEST(CommandLine, ExplainsWithoutFlagsButThoseOfEveryCommand) {
  EXPECT_EQ(Parsed({"explain", "--help"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"explain", "--version"}).command, Command::kVersion);
  EXPECT_EQ(ErrorOf({"explain", "--strict", "clock_skew"}),
            "--strict belongs to check, not to explain");
  EXPECT_EQ(ErrorOf({"explain", "--frobnicate", "clock_skew"}),
            "unknown flag --frobnicate for explain; --help lists the flags");
}

TEST(CommandLine, AsksForHealthWithTheFlagsThatSayWhereTheDaemonListens) {
  const CommandLine line = Parsed({"healthcheck", "--web.health-listen-address=:1",
                                   "--web.listen-address=:2", "--web.config.file=web.yml",
                                   "--web.route-prefix=/a", "--web.external-url=https://a/"});
  EXPECT_EQ(line.command, Command::kHealthcheck);
  EXPECT_THAT(line.health_listen_addresses, ElementsAre(":1"));
  EXPECT_EQ(Parsed({"healthcheck"}).command, Command::kHealthcheck);
  EXPECT_EQ(Parsed({"healthcheck", "--help"}).command, Command::kHelp);
  EXPECT_EQ(ErrorOf({"healthcheck", "--strict"}), "--strict belongs to check, not to healthcheck");
}

TEST(CommandLine, AsksForTheHealthOfNobodyElse) {
  EXPECT_EQ(ErrorOf({"healthcheck", "example.org"}),
            "unexpected argument 'example.org'; healthcheck takes flags only");
}

TEST(CommandLine, TakesAVerbAtTheFrontOnly) {
  EXPECT_THAT(Parsed({"check", "explain", "check"}).names, ElementsAre("explain", "check"));
}

TEST(CommandLine, HelpsWithEveryCommand) {
  EXPECT_NE(HelpText().find(" check [FLAGS] NAME"), std::string::npos);
  EXPECT_NE(HelpText().find(" explain WORD"), std::string::npos);
  EXPECT_NE(HelpText().find(" healthcheck [FLAGS]"), std::string::npos);
}

TEST(CommandLine, NamesTheNearestFlag) {
  EXPECT_EQ(ErrorOf({"--config.fil=a"}), "unknown flag --config.fil; did you mean --config.file?");
  EXPECT_EQ(ErrorOf({"--web.listen-adress", ":1"}),
            "unknown flag --web.listen-adress; did you mean --web.listen-address?");
  EXPECT_EQ(ErrorOf({"check", "--stric"}),
            "unknown flag --stric for check; did you mean --strict?");
}

TEST(CommandLine, PointsToTheHelpWhenNoFlagIsNear) {
  EXPECT_EQ(ErrorOf({"--frobnicate"}), "unknown flag --frobnicate; --help lists the flags");
}

TEST(CommandLine, RefusesTheFlagsOfTheOtherCommand) {
  EXPECT_EQ(ErrorOf({"--format=json"}), "--format belongs to check, not to the daemon");
  EXPECT_EQ(ErrorOf({"check", "--web.listen-address=:1", "example.org"}),
            "--web.listen-address belongs to the daemon, not to check");
}

TEST(CommandLine, RefusesAFlagWithOneDash) {
  EXPECT_EQ(ErrorOf({"check", "-strict", "example.org"}),
            "unknown flag -strict; flags begin with two dashes, and -- comes before a name that "
            "begins with one");
}

TEST(CommandLine, MissesAValue) {
  EXPECT_EQ(ErrorOf({"--config.file"}), "--config.file needs a value: --config.file=FILE");
}

TEST(CommandLine, RefusesAnEmptyValue) {
  EXPECT_EQ(ErrorOf({"--config.file="}), "--config.file: '' is not allowed. Configuration file.");
}

TEST(CommandLine, RefusesAValueForASwitch) {
  EXPECT_EQ(ErrorOf({"check", "--strict=yes", "example.org"}), "--strict takes no value");
}

TEST(CommandLine, SaysWhichValuesAreAllowed) {
  EXPECT_EQ(ErrorOf({"--log.level=trace"}),
            "--log.level: 'trace' is not allowed. Least severe messages to log: debug, info, warn "
            "or error.");
  EXPECT_EQ(ErrorOf({"check", "--format=xml", "example.org"}),
            "--format: 'xml' is not allowed. With check: form of the reports: text, json, "
            "prometheus (the metrics of the daemon) or tap (Test Anything Protocol).");
}

TEST(CommandLine, ServesMetricsOnlyUnderAPathOfTheirOwn) {
  EXPECT_EQ(Parsed({"--web.telemetry-path=/m"}).telemetry_path, "/m");
  for (const char* path : {"metrics", "", "/-/ready", "/a?b", "/a b", "/a#b"}) {
    EXPECT_NE(ErrorOf({"--web.telemetry-path", path}), "") << path;
  }
}

TEST(CommandLine, ServesNoMetricsInPlaceOfAnythingElse) {
  const Board board;
  auto routes = ApiRoutes({.board = board, .settings = {}, .probe_now = {}, .external_url = {}});
  for (web::Route& route : page::Routes(board, "/metrics")) routes.push_back(std::move(route));
  for (const web::Route& route : routes) {
    EXPECT_THAT(ErrorOf({"--web.telemetry-path", route.path}), HasSubstr("is taken by "))
        << route.path;
  }
  EXPECT_EQ(ErrorOf({"--web.telemetry-path=/"}),
            "--web.telemetry-path: '/' is taken by the status page; choose another one, like "
            "/metrics");
  EXPECT_THAT(ErrorOf({"--web.telemetry-path=/servers/example.org"}), HasSubstr("is taken by "));
  EXPECT_EQ(ErrorOf({"--web.telemetry-path=/probes"}), "");
}

TEST(CommandLine, TakesTheFlagsOfTheWebServer) {
  const CommandLine line = Parsed({"--web.config.file=web.yml", "--web.health-listen-address=:1",
                                   "--web.health-listen-address=:2", "--web.max-requests=7",
                                   "--web.enable-lifecycle=false"});
  EXPECT_EQ(line.web_config_file, "web.yml");
  EXPECT_THAT(line.health_listen_addresses, ElementsAre(":1", ":2"));
  EXPECT_EQ(line.max_requests, 7);
  EXPECT_FALSE(line.enable_lifecycle);
  EXPECT_TRUE(Parsed({}).enable_lifecycle);
}

TEST(CommandLine, TakesTheRoutePrefixOfTheExternalUrlUnlessOneIsGiven) {
  EXPECT_EQ(RoutePrefix(Parsed({})), "");
  EXPECT_EQ(RoutePrefix(Parsed({"--web.route-prefix=/a/b/"})), "/a/b");
  EXPECT_EQ(RoutePrefix(Parsed({"--web.external-url=https://example.org"})), "");
  EXPECT_EQ(RoutePrefix(Parsed({"--web.external-url=https://example.org/a/"})), "/a");
  EXPECT_EQ(
      RoutePrefix(Parsed({"--web.external-url=https://example.org/a/", "--web.route-prefix=/"})),
      "");
}

TEST(CommandLine, RefusesWrongValuesOfTheFlagsOfTheWebServer) {
  for (const char* argument :
       {"--web.max-requests=0", "--web.max-requests=10001", "--web.max-requests=4x",
        "--web.route-prefix=a", "--web.route-prefix=/a?b", "--web.external-url=example.org",
        "--web.external-url=https://", "--web.external-url=https:///a",
        "--web.external-url=https://a/\"><script>", "--web.enable-lifecycle=yes",
        "--web.config.file=", "--web.health-listen-address="}) {
    EXPECT_NE(ErrorOf({argument}), "") << argument;
  }
}

TEST(CommandLine, RefusesAnArgumentThatIsNoFlag) {
  EXPECT_EQ(ErrorOf({"example.org"}),
            "unexpected argument 'example.org'; the commands are check, explain and healthcheck, "
            "and they come first: check example.org");
}

TEST(CommandLine, NamesTheCommandThatWasMeant) {
  EXPECT_EQ(ErrorOf({"chekc", "matrix.org"}), "unexpected argument 'chekc'; did you mean check?");
}

TEST(CommandLine, TakesNoArgumentBehindAFlagThatIsACommand) {
  EXPECT_EQ(ErrorOf({"--config.check", "extra"}),
            "unexpected argument 'extra'; --config.check takes none");
}

TEST(CommandLine, DoesOneThingAtATime) {
  EXPECT_EQ(ErrorOf({"--print-config", "--print-metrics"}),
            "--print-config and --print-metrics exclude each other");
  EXPECT_EQ(ErrorOf({"--print-config", "--print-config"}), "");
  EXPECT_EQ(Parsed({"--print-config", "--help"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"--help", "--print-config"}).command, Command::kHelp);
}

TEST(CommandLine, ReportsTheFirstMistake) {
  EXPECT_EQ(ErrorOf({"--frobnicate", "--log.level=x"}),
            "unknown flag --frobnicate; --help lists the flags");
}

TEST(CommandLine, HelpsWithEveryFlag) {
  EXPECT_THAT(FlagsOfTheHelp(),
              testing::IsSupersetOf({"config.file", "config.check", "web.listen-address",
                                     "web.telemetry-path", "log.level", "log.format", "format",
                                     "strict", "print-config", "print-metrics", "print-checks",
                                     "print-reasons", "version", "help"}));
}

TEST(CommandLine, KnowsEveryFlagThatItHelpsWith) {
  for (const std::string& flag : FlagsOfTheHelp()) {
    const bool known = !ErrorOf({"--" + flag}).starts_with("unknown flag") ||
                       !ErrorOf({"check", "--" + flag}).starts_with("unknown flag");
    EXPECT_TRUE(known) << flag;
  }
}

}  // namespace
}  // namespace exporter
