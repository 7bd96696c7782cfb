#include "exporter/api/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/config_file.h"
#include "unit/exporter/api/watched_board.h"

namespace exporter {
namespace {

using testing::HasSubstr;
using testing::Not;

Settings Read(const std::string& text) {
  const auto loaded = ParseConfiguration(text, "config.yaml");
  EXPECT_TRUE(loaded.settings) << testing::PrintToString(loaded.mistakes) << text;
  return loaded.settings ? *loaded.settings : Settings();
}

std::string Show(Settings settings) {
  std::vector<Row> rows;
  for (Homeserver& server : settings.homeservers) rows.push_back(MakeRow(std::move(server)));
  settings.homeservers.clear();
  Board board;
  board.Replace(std::move(rows));
  return WholeBody(ShowConfiguration(settings, board, {}));
}

void ExpectTheSame(const Settings& shown, const Settings& meant) {
  EXPECT_EQ(shown.probe, meant.probe);
  EXPECT_EQ(shown.dns, meant.dns);
  EXPECT_EQ(shown.tls, meant.tls);
  EXPECT_EQ(shown.network, meant.network);
  EXPECT_EQ(shown.metrics.per_address, meant.metrics.per_address);
  EXPECT_EQ(shown.homeservers, meant.homeservers);
}

TEST(ShownConfiguration, MeansTheSame) {
  const Settings meant = Read(R"(
probe: {interval: 90s, failure_interval: 1m, retries: 0}
dns: {servers: ["[::1]:53", 192.0.2.53]}
network: {ip_versions: [6], deny: [], user_agent: 'a "b" \c'}
metrics: {per_address: true}
homeservers:
  - plain.org
  - {server_name: "[2001:db8::1]:8448", group: "no", labels: {team: "a: b # c", null_: "\e\x7f\"'\n"}}
  - {server_name: own.org, interval: 30s, stale_after: 1d, retries: 2}
  - {server_name: slow.org, interval: 1h}
  - server_name: expecting.org
    expect: {delegation: "m.expecting.org:443", software: Synapse, min_version: "1.10", ip_versions: [4, 6]}
)");
  ExpectTheSame(Read(Show(meant)), meant);
}

TEST(ShownConfiguration, HasEveryGeneralSetting) {
  const std::string text = Show(Read("homeservers: [example.org]"));
  for (const Setting& setting : AllSettings()) {
    if (setting.section == kExpectSection) continue;
    EXPECT_THAT(text, HasSubstr(std::string(setting.key) + ": "));
  }
}

TEST(ShownConfiguration, HasOfAHomeserverWhatDiffers) {
  const std::string text =
      Show(Read("homeservers: [plain.org, {server_name: own.org, timeout: 5s}]"));
  EXPECT_THAT(text, HasSubstr("  - {server_name: \"plain.org\"}\n"));
  EXPECT_THAT(text, HasSubstr("  - {server_name: \"own.org\", timeout: 5s}\n"));
}

TEST(ShownConfiguration, NamesNoFurtherFileSinceItHoldsAll) {
  Settings settings = Read("homeservers: [example.org]");
  settings.homeserver_files = {"more/*.yaml"};
  EXPECT_THAT(Show(settings), Not(HasSubstr("more")));
}

}  // namespace
}  // namespace exporter
