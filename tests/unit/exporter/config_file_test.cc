#include "exporter/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "exporter/duration.h"
#include "unit/exporter/server_names.h"

namespace exporter {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> Mistakes(const std::string& text) {
  return ParseConfiguration(text, "c.yaml").mistakes;
}

// The settings of a text that must be valid.
Settings Parsed(const std::string& text) {
  const auto loaded = ParseConfiguration(text, "c.yaml");
  EXPECT_THAT(loaded.mistakes, IsEmpty());
  return loaded.settings ? *loaded.settings : Settings();
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What stands in the way of one value of one key, in a file that is valid otherwise.
std::vector<std::string> MistakesWith(const std::string& section, const std::string& entry) {
  return Mistakes("homeservers: [example.org]\n" + section + ":\n  " + entry + "\n");
}

// Any slot as text, so that two settings can be compared row by row.
struct Show {
  std::string operator()(const Milliseconds* value) const { return FormatDuration(*value); }
  std::string operator()(const int* value) const { return std::to_string(*value); }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::string* value) const { return *value; }
  template <typename T>
  std::string operator()(const std::vector<T>* values) const {
    return testing::PrintToString(*values);
  }
};

TEST(ConfigFile, ReadsTheReferenceAsTheDefaults) {
  Settings parsed = Parsed(ReferenceConfiguration());
  Settings defaults;
  for (const Setting& setting : AllSettings()) {
    EXPECT_EQ(std::visit(Show(), setting.slot(parsed)), std::visit(Show(), setting.slot(defaults)))
        << setting.key;
  }
}

TEST(ConfigFile, ReadsTheHomeserversOfTheReference) {
  const Settings settings = Parsed(ReferenceConfiguration());
  EXPECT_THAT(Names(settings), ElementsAre("matrix.org", "example.org"));
  EXPECT_EQ(settings.homeservers[1].group, "customers");
  EXPECT_THAT(settings.homeservers[1].labels, ElementsAre(std::pair("team", "chat")));
}

TEST(ConfigFile, ReadsEverySection) {
  const Settings settings = Parsed(R"(
probe: {interval: 10m, failure_interval: 30s, timeout: 15s, max_in_flight: 8, threads: 2, stale_after: 2h, retries: 0}
dns: {servers: [192.0.2.53, "[::1]:53"], timeout: 500ms, attempts: 1}
tls: {ca_file: /etc/ca.pem, min_version: "1.3"}
network: {ip_versions: [6], deny: [], user_agent: watcher}
metrics: {per_address: true}
homeservers: [example.org]
)");
  EXPECT_EQ(settings.probe.interval, std::chrono::minutes(10));
  EXPECT_EQ(settings.probe.failure_interval, std::chrono::seconds(30));
  EXPECT_EQ(settings.probe.max_in_flight, 8);
  EXPECT_EQ(settings.probe.retries, 0);
  EXPECT_THAT(settings.dns.servers, ElementsAre("192.0.2.53", "[::1]:53"));
  EXPECT_EQ(settings.tls.ca_file, "/etc/ca.pem");
  EXPECT_EQ(settings.tls.min_version, "1.3");
  EXPECT_THAT(settings.network.ip_versions, ElementsAre(6));
  EXPECT_THAT(settings.network.deny, IsEmpty());
  EXPECT_EQ(settings.network.user_agent, "watcher");
  EXPECT_TRUE(settings.metrics.per_address);
}

TEST(ConfigFile, KeepsTheDefaultsOfAnEmptySection) {
  EXPECT_EQ(Parsed("probe:\nhomeservers: [example.org]\n").probe.interval, Milliseconds(300'000));
}

// ---- Homeservers

TEST(ConfigFile, TakesHomeserversInShortAndLongForm) {
  EXPECT_THAT(Names(Parsed(R"(
homeservers:
  - matrix.org
  - server_name: example.org:8448
  - "[2001:db8::1]:443"
)")),
              ElementsAre("matrix.org", "example.org:8448", "[2001:db8::1]:443"));
}

TEST(ConfigFile, LetsAHomeserverOverrideTheProbe) {
  const Settings settings = Parsed(R"(
homeservers:
  - server_name: example.org
    interval: 2m
    failure_interval: 10s
    timeout: 5s
    stale_after: 10m
    retries: 3
  - matrix.org
)");
  const ProbeSettings& own = settings.homeservers[0].probe;
  EXPECT_EQ(own.interval, std::chrono::minutes(2));
  EXPECT_EQ(own.failure_interval, std::chrono::seconds(10));
  EXPECT_EQ(own.timeout, std::chrono::seconds(5));
  EXPECT_EQ(own.stale_after, std::chrono::minutes(10));
  EXPECT_EQ(own.retries, 3);
  EXPECT_EQ(settings.homeservers[1].probe.interval, std::chrono::minutes(5));
}

TEST(ConfigFile, GivesHomeserversTheGeneralSettingsWhereverTheyStand) {
  const Settings settings = Parsed(R"(
homeservers:
  - server_name: example.org
    retries: 0
probe: {interval: 20m}
)");
  EXPECT_EQ(settings.homeservers[0].probe.interval, std::chrono::minutes(20));
}

TEST(ConfigFile, NeverProbesAFailingServerLessOften) {
  const Settings settings = Parsed(R"(
probe: {interval: 30s}
homeservers:
  - matrix.org
  - {server_name: example.org, interval: 10s}
)");
  EXPECT_EQ(settings.homeservers[0].probe.failure_interval, std::chrono::seconds(30));
  EXPECT_EQ(settings.homeservers[1].probe.failure_interval, std::chrono::seconds(10));
}

std::vector<std::string> Warnings(const std::string& text) {
  const auto loaded = ParseConfiguration(text, "c.yaml");
  EXPECT_THAT(loaded.mistakes, IsEmpty());
  return loaded.warnings;
}

TEST(ConfigFile, WarnsOfResultsThatGrowStaleBeforeTheNextOne) {
  const std::string effect = ": each result is withheld from then until the next one";
  EXPECT_THAT(Warnings("homeservers: [a.org]\nprobe: {interval: 1d}\n"),
              ElementsAre("c.yaml:2:19: probe.interval: the interval of 1d is longer than "
                          "stale_after, 1h" +
                          effect));
  EXPECT_THAT(Warnings("homeservers: [{server_name: a.org, stale_after: 1m}]\n"),
              ElementsAre("c.yaml:1:49: homeservers.stale_after: the interval of 5m is longer than "
                          "stale_after, 1m" +
                          effect));
  EXPECT_THAT(Warnings("homeservers: [a.org]\nprobe: {interval: 1d, stale_after: 2d}\n"),
              IsEmpty());
}

TEST(ConfigFile, WarnsOfAFailureIntervalThatHasNoEffect) {
  EXPECT_THAT(Warnings("homeservers: [a.org]\nprobe: {failure_interval: 10m}\n"),
              ElementsAre("c.yaml:2:27: probe.failure_interval: longer than the interval of 5m, "
                          "which holds while it fails as well"));
  EXPECT_THAT(Warnings("homeservers: [{server_name: a.org, interval: 30s}]\n"), IsEmpty())
      << "the default gives way";
}

TEST(ConfigFile, RefusesThreadsForOneServer) {
  EXPECT_THAT(
      Mistakes("homeservers:\n  - server_name: example.org\n    threads: 2\n"),
      ElementsAre("c.yaml:3:5: homeservers.threads: unknown key; allowed: server_name, "
                  "group, labels, expect, interval, failure_interval, timeout, stale_after, "
                  "retries"));
}

TEST(ConfigFile, RefusesAnOverrideOutOfBounds) {
  EXPECT_THAT(Mistakes("homeservers:\n  - server_name: example.org\n    retries: 6\n"),
              ElementsAre("c.yaml:3:14: homeservers.retries: '6' is not allowed here; a whole "
                          "number from 0 to 5"));
}

TEST(ConfigFile, RefusesAnEntryWithoutName) {
  EXPECT_THAT(Mistakes("homeservers:\n  - group: customers\n"),
              ElementsAre("c.yaml:2:5: homeservers: an entry without server_name; add one, like "
                          "'server_name: example.org'"));
}

TEST(ConfigFile, RefusesAnInvalidServerName) {
  EXPECT_THAT(Mistakes("homeservers:\n  - https://example.org\n"),
              ElementsAre(StartsWith("c.yaml:2:5: homeservers: 'https://example.org' is not a "
                                     "Matrix server name: ")));
}

TEST(ConfigFile, RefusesAnEmptyServerName) {
  EXPECT_THAT(Mistakes("homeservers:\n  - \"\"\n"),
              ElementsAre("c.yaml:2:5: homeservers: the server name is empty"));
}

TEST(ConfigFile, RefusesAServerNameThatIsNoWord) {
  EXPECT_THAT(Mistakes("homeservers:\n  - [example.org]\n"),
              ElementsAre("c.yaml:2:5: homeservers: a list stands here; a server name is allowed, "
                          "like example.org"));
}

TEST(ConfigFile, RefusesARepeatedServerNameAndNamesBothLines) {
  EXPECT_THAT(Mistakes("homeservers:\n  - example.org\n  - matrix.org\n"
                       "  - server_name: example.org\n"),
              ElementsAre("c.yaml:4:18: homeservers: 'example.org' is listed already, at c.yaml:2; "
                          "remove one of the two"));
}

TEST(ConfigFile, TellsServerNamesApartByCase) {
  EXPECT_THAT(Names(Parsed("homeservers: [example.org, Example.org]\n")),
              ElementsAre("example.org", "Example.org"));
}

TEST(ConfigFile, RefusesHomeserversThatAreNoList) {
  EXPECT_THAT(Mistakes("homeservers: example.org\n"),
              ElementsAre("c.yaml:1:14: homeservers: 'example.org' stands here; a list of server "
                          "names is allowed, like '- example.org'"));
}

TEST(ConfigFile, MissesTheHomeservers) {
  EXPECT_THAT(Mistakes("probe: {interval: 1m}\n"),
              ElementsAre("c.yaml:1:1: homeservers: the key is missing; list the homeservers to "
                          "watch, like '- example.org'"));
}

TEST(ConfigFile, RefusesAnEmptyListOfHomeservers) {
  EXPECT_THAT(Mistakes("homeservers: []\n"),
              ElementsAre("c.yaml:1:1: homeservers: no homeserver is listed; name at least one, "
                          "like '- example.org'"));
}

TEST(ConfigFile, RefusesMoreHomeserversThanItsBound) {
  std::string text = "homeservers:\n";
  for (int i = 0; i <= 200'000; ++i) text += "- h" + std::to_string(i) + "\n";
  EXPECT_THAT(Mistakes(text),
              ElementsAre("c.yaml:200002:3: homeservers: more than 200000 homeservers; spread them "
                          "over several exporters"));
}

// ---- Labels

TEST(ConfigFile, SortsTheLabels) {
  EXPECT_THAT(Parsed("homeservers:\n  - {server_name: a.org, labels: {z: 1, a: two}}\n")
                  .homeservers[0]
                  .labels,
              ElementsAre(std::pair("a", "two"), std::pair("z", "1")));
}

TEST(ConfigFile, RefusesLabelNamesThatPrometheusOrTheMetricUses) {
  for (const std::string name : {"server_name", "group", "__name__", "1st", "a-b", "\"\"", "é"}) {
    EXPECT_THAT(Mistakes("homeservers:\n- server_name: a.org\n  labels:\n    " + name + ": x\n"),
                ElementsAre("c.yaml:4:5: homeservers.labels: '" + (name == "\"\"" ? "" : name) +
                            "' cannot be a label name; letters, digits and '_' are allowed, not "
                            "server_name or group, not a leading digit or '__'"));
  }
}

TEST(ConfigFile, RefusesALabelTwice) {
  EXPECT_THAT(Mistakes("homeservers:\n- server_name: a.org\n  labels:\n    team: x\n    team: y\n"),
              ElementsAre("c.yaml:5:5: homeservers.labels.team: this key stands here twice; remove "
                          "one"));
}

TEST(ConfigFile, RefusesALabelValueThatIsNoWord) {
  EXPECT_THAT(Mistakes("homeservers:\n- server_name: a.org\n  labels:\n    team: [x]\n"),
              ElementsAre("c.yaml:4:11: homeservers.labels.team: a list is not allowed here; a "
                          "value of at most 256 bytes, without NUL"));
}

TEST(ConfigFile, RefusesALongLabelValue) {
  const std::string entry = "homeservers:\n- server_name: a.org\n  labels:\n    team: ";
  EXPECT_THAT(Mistakes(entry + std::string(256, 'x') + "\n"), IsEmpty());
  EXPECT_THAT(Mistakes(entry + std::string(257, 'x') + "\n"),
              ElementsAre("c.yaml:4:11: homeservers.labels.team: '" + std::string(80, 'x') +
                          "…' is not allowed here; a value of at most 256 bytes, without NUL"));
}

TEST(ConfigFile, RefusesALongGroup) {
  EXPECT_THAT(
      Mistakes("homeservers:\n- server_name: a.org\n  group: " + std::string(257, 'x') + "\n"),
      ElementsAre("c.yaml:3:10: homeservers.group: '" + std::string(80, 'x') +
                  "…' is not allowed here; a word of at most 256 bytes, without NUL"));
}

TEST(ConfigFile, RefusesTooManyLabels) {
  std::string text = "homeservers:\n- server_name: a.org\n  labels:\n";
  for (int i = 0; i < 33; ++i) text += "    l" + std::to_string(i) + ": x\n";
  EXPECT_THAT(Mistakes(text),
              ElementsAre("c.yaml:4:5: homeservers.labels: a mapping stands here; a mapping of at "
                          "most 32 labels is allowed, like {team: chat}"));
}

// One invalid byte in one label would make Prometheus drop the whole scrape.
TEST(ConfigFile, RefusesInvalidUtf8) {
  EXPECT_THAT(Mistakes("homeservers:\n- server_name: a.org\n  group: \"caf\xe9\"\n"),
              ElementsAre("c.yaml:3:14: not YAML: an octet that is not UTF-8"));
}

TEST(ConfigFile, RefusesANulCharacter) {
  EXPECT_THAT(Mistakes(std::string("homeservers:\n- a\0.org\n", 22)),
              ElementsAre("c.yaml:2:4: not YAML: a NUL character"));
}

// ---- Keys

TEST(ConfigFile, NamesTheNearestKey) {
  EXPECT_THAT(Mistakes("homeserver: [example.org]\n"),
              testing::Contains("c.yaml:1:1: homeserver: unknown key; did you mean "
                                "'homeservers'?"));
  EXPECT_THAT(MistakesWith("probe", "intervall: 1m"),
              ElementsAre("c.yaml:3:3: probe.intervall: unknown key; did you mean 'interval'?"));
}

TEST(ConfigFile, RefusesAMappingWhereFilesAreListed) {
  EXPECT_THAT(Mistakes("homeservers: [a.org]\nhomeserver_files: {path: b.yaml}\n"),
              ElementsAre(testing::StartsWith("c.yaml:2:19: homeserver_files: a mapping is not")));
}

TEST(ConfigFile, ListsTheKeysWhenNoneIsNear) {
  EXPECT_THAT(MistakesWith("dns", "frequency: 1m"),
              ElementsAre("c.yaml:3:3: dns.frequency: unknown key; allowed: servers, timeout, "
                          "attempts"));
  EXPECT_THAT(Mistakes("homeservers: [example.org]\nlogging: {}\n"),
              ElementsAre("c.yaml:2:1: logging: unknown key; allowed: probe, dns, tls, network, "
                          "metrics, homeserver_files, homeservers"));
}

TEST(ConfigFile, RefusesARepeatedKey) {
  EXPECT_THAT(Mistakes("homeservers: [a.org]\nhomeservers: [b.org]\n"),
              ElementsAre("c.yaml:2:1: homeservers: this key stands here twice; remove one"));
  EXPECT_THAT(MistakesWith("probe", "interval: 1m\n  interval: 2m"),
              ElementsAre("c.yaml:4:3: probe.interval: this key stands here twice; remove one"));
}

TEST(ConfigFile, RefusesASectionThatIsNoMapping) {
  EXPECT_THAT(Mistakes("homeservers: [a.org]\nmetrics: true\n"),
              ElementsAre("c.yaml:2:10: metrics: 'true' stands here; a mapping of per_address is "
                          "allowed"));
}

// ---- Values

struct WrongValue {
  const char* section;
  const char* entry;
  const char* mistake;
};

void PrintTo(const WrongValue& value, std::ostream* out) { *out << value.entry; }

class WrongValueTest : public testing::TestWithParam<WrongValue> {};

TEST_P(WrongValueTest, IsRefusedWithWhatIsAllowed) {
  EXPECT_THAT(MistakesWith(GetParam().section, GetParam().entry), ElementsAre(GetParam().mistake));
}

constexpr const char* kDnsServers =
    "is not allowed here; addresses with or without a port, like 192.0.2.53, 127.0.0.1:5353 or "
    "[::1]:53";

INSTANTIATE_TEST_SUITE_P(
    ConfigFile, WrongValueTest,
    testing::Values(
        WrongValue{"probe", "interval: 300",
                   "c.yaml:3:13: probe.interval: '300' is not allowed here; a duration from 1s to "
                   "1d, like 90s, 5m or 1h30m"},
        WrongValue{"probe", "interval: [5m]",
                   "c.yaml:3:13: probe.interval: [5m] is not allowed here; a duration from 1s to "
                   "1d, like 90s, 5m or 1h30m"},
        WrongValue{"probe", "interval: 999ms",
                   "c.yaml:3:13: probe.interval: '999ms' is not allowed here; a duration from 1s "
                   "to 1d, like 90s, 5m or 1h30m"},
        WrongValue{"probe", "interval: 1d1ms",
                   "c.yaml:3:13: probe.interval: '1d1ms' is not allowed here; a duration from 1s "
                   "to 1d, like 90s, 5m or 1h30m"},
        WrongValue{"probe", "interval:",
                   "c.yaml:3:3: probe.interval: nothing is not allowed here; a duration from 1s "
                   "to 1d, like 90s, 5m or 1h30m"},
        WrongValue{"probe", "max_in_flight: many",
                   "c.yaml:3:18: probe.max_in_flight: 'many' is not allowed here; a whole number "
                   "from 1 to 10000"},
        WrongValue{"probe", "max_in_flight: 0",
                   "c.yaml:3:18: probe.max_in_flight: '0' is not allowed here; a whole number from "
                   "1 to 10000"},
        WrongValue{"probe", "max_in_flight: 10001",
                   "c.yaml:3:18: probe.max_in_flight: '10001' is not allowed here; a whole number "
                   "from 1 to 10000"},
        WrongValue{"probe", "max_in_flight: 1.5",
                   "c.yaml:3:18: probe.max_in_flight: '1.5' is not allowed here; a whole number "
                   "from 1 to 10000"},
        WrongValue{"probe", "threads: 99999999999999999999",
                   "c.yaml:3:12: probe.threads: '99999999999999999999' is not allowed here; a "
                   "whole number from 1 to 64"},
        WrongValue{"metrics", "per_address: yes",
                   "c.yaml:3:16: metrics.per_address: 'yes' is not allowed here; true or false"},
        WrongValue{"metrics", "per_address: \"true\"",
                   "c.yaml:3:16: metrics.per_address: 'true' is not allowed here; true or false"},
        WrongValue{"tls", "min_version: \"1.1\"",
                   "c.yaml:3:16: tls.min_version: '1.1' is not allowed here; \"1.2\" or \"1.3\""},
        WrongValue{"tls", "ca_file: {path: x}",
                   "c.yaml:3:12: tls.ca_file: a mapping is not allowed here; the path of a PEM "
                   "file"},
        WrongValue{"network", "user_agent: \"a\\nb\"",
                   "c.yaml:3:15: network.user_agent: 'a\xef\xbf\xbd"
                   "b' is not allowed here; at most 256 printable ASCII characters"},
        WrongValue{"network", "deny: private",
                   "c.yaml:3:9: network.deny: 'private' is not allowed here; a list of CIDR ranges "
                   "like 10.0.0.0/8, or the word private"},
        WrongValue{"network", "deny: [10.0.0.0/33]",
                   "c.yaml:3:10: network.deny: '10.0.0.0/33' is not allowed here; CIDR ranges "
                   "like 10.0.0.0/8, or the word private"},
        WrongValue{"network", "ip_versions: [4, 5]",
                   "c.yaml:3:20: network.ip_versions: '5' is not allowed here; 4 and 6"},
        WrongValue{"network", "ip_versions: []",
                   "c.yaml:3:16: network.ip_versions: [] is not allowed here; a list of 4 and 6"},
        WrongValue{"network", "ip_versions: 4",
                   "c.yaml:3:16: network.ip_versions: '4' is not allowed here; a list of 4 and 6"}),
    [](const auto& value) { return "Number" + std::to_string(value.index); });

TEST(ConfigFile, RefusesWhatIsNoDnsServer) {
  for (const std::string server : {"dns.example.org", "192.0.2.53:0", "192.0.2.53:65536", "[::1]",
                                   "\"[192.0.2.53]:53\"", "192.0.2.53:"}) {
    const auto mistakes = MistakesWith("dns", "servers:\n    - " + server);
    ASSERT_EQ(mistakes.size(), 1U) << server;
    EXPECT_THAT(mistakes.front(), testing::HasSubstr(kDnsServers));
  }
}

TEST(ConfigFile, NamesEachWrongElementOfAListAtItsPlace) {
  EXPECT_THAT(MistakesWith("dns", "servers: [192.0.2.53, foo, 1.2.3.4:99999, a, b, c, d, [e]]"),
              ElementsAre(StartsWith("c.yaml:3:25: dns.servers: 'foo' is not allowed here; "),
                          StartsWith("c.yaml:3:30: dns.servers: '1.2.3.4:99999' "),
                          StartsWith("c.yaml:3:45: dns.servers: 'a' "),
                          StartsWith("c.yaml:3:48: dns.servers: 'b' "),
                          StartsWith("c.yaml:3:51: dns.servers: 'c' "),
                          StartsWith("c.yaml:3:54: dns.servers: 'd' "),
                          StartsWith("c.yaml:3:57: dns.servers: [e] ")));
}

TEST(ConfigFile, TakesAnIpv6AddressWithAndWithoutBrackets) {
  EXPECT_THAT(Parsed("homeservers: [a.org]\ndns: {servers: [\"::1\", \"[::1]:53\"]}\n").dns.servers,
              ElementsAre("::1", "[::1]:53"));
}

// The next key is where yaml-cpp sees a value that is missing.
TEST(ConfigFile, PointsToTheKeyThatHasNoValue) {
  EXPECT_THAT(MistakesWith("metrics", "per_address:\nprobe: {interval: 1m}"),
              ElementsAre("c.yaml:3:3: metrics.per_address: nothing is not allowed here; true or "
                          "false"));
}

// ---- Whole files

TEST(ConfigFile, RefusesWhatIsNotYaml) {
  EXPECT_THAT(Mistakes("probe: {interval: 1m\nhomeservers: [example.org]\n"),
              ElementsAre("c.yaml:2:12: not YAML: end of map flow not found"));
}

TEST(ConfigFile, RefusesABottomlessFile) {
  EXPECT_THAT(Mistakes(std::string(100'000, '[')),
              ElementsAre(AllOf(StartsWith("c.yaml:1:"), HasSubstr("nested too deeply"))));
}

TEST(ConfigFile, RefusesAnEmptyFile) {
  const std::string missing =
      "c.yaml:1:1: homeservers: the key is missing; list the homeservers to watch, like '- "
      "example.org'";
  EXPECT_THAT(Mistakes(""), ElementsAre(missing));
  EXPECT_THAT(Mistakes("# nothing but a comment\n"), ElementsAre(missing));
}

TEST(ConfigFile, RefusesAFileThatIsNoMapping) {
  EXPECT_THAT(Mistakes("- example.org\n"),
              ElementsAre("c.yaml:1:1: the file holds a list; it must be a mapping with the key "
                          "homeservers at least"));
}

// What stands behind the separator would go unwatched without a word.
TEST(ConfigFile, RefusesASecondDocument) {
  EXPECT_THAT(
      Mistakes("homeservers: [a.org]\n---\nhomeservers: [b.org]\n"),
      ElementsAre("c.yaml:3:1: a second YAML document begins here; put everything into one"));
}

TEST(ConfigFile, WritesEachMistakeAsOneLine) {
  for (const std::string quoted : {R"("a\nb\e[2J")", R"({"x\ny": 1})", R"(["\n\0"])"}) {
    for (const std::string key : {"homeservers: ", "metrics: ", "dns: {servers: ", "\"a\\nb\": "}) {
      const std::string text = key + quoted + (key.find('{') == std::string::npos ? "\n" : "}\n");
      for (const std::string& mistake : Mistakes(text)) {
        EXPECT_TRUE(std::none_of(mistake.begin(), mistake.end(), IsControl)) << text;
      }
    }
  }
}

TEST(ConfigFile, WritesALongListShort) {
  std::string list;
  for (int i = 0; i < 1000; ++i) list += "not-an-address-at-all, ";
  const auto mistakes = MistakesWith("probe", "interval: [" + list + "]");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_LT(mistakes[0].size(), 1000U);
  EXPECT_THAT(mistakes[0], HasSubstr("a duration from 1s"));
}

TEST(ConfigFile, EndsOnABracketThatClosesNothing) {
  EXPECT_THAT(Mistakes("\"\\n\", b]\n: c*"), testing::SizeIs(1));
}

TEST(ConfigFile, ReportsEveryMistakeInTheOrderOfLines) {
  EXPECT_THAT(
      Mistakes(R"(probe:
  interval: never
  max_in_fligth: 3
dns: {attempts: 0}
homeservers:
  - exa_mple.org
  - example.org
  - example.org
)"),
      ElementsAre(StartsWith("c.yaml:2:13: probe.interval: 'never' is not allowed here; "),
                  "c.yaml:3:3: probe.max_in_fligth: unknown key; did you mean 'max_in_flight'?",
                  StartsWith("c.yaml:4:17: dns.attempts: '0' is not allowed here; "),
                  StartsWith("c.yaml:6:5: homeservers: 'exa_mple.org' is not a Matrix server name"),
                  "c.yaml:8:5: homeservers: 'example.org' is listed already, at c.yaml:7; remove "
                  "one of the two"));
}

TEST(ConfigFile, GivesNoSettingsWithAMistake) {
  EXPECT_EQ(ParseConfiguration("homeservers: [example.org, \"\"]\n", "c.yaml").settings, nullptr);
}

TEST(ConfigFile, HashesWhatItRead) {
  const auto hash = [](const std::string& text) { return ParseConfiguration(text, "c").hash; };
  EXPECT_EQ(hash("homeservers: [a.org]"), hash("homeservers: [a.org]"));
  EXPECT_NE(hash("homeservers: [a.org]"), hash("homeservers: [b.org]"));
}

}  // namespace
}  // namespace exporter
