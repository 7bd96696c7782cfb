#include "exporter/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Homeserver Server(const std::string& name) { return {.server_name = name}; }

BlockPointer BlockOf(bool ok) {
  Watched watched;
  const auto report = watched.Take(ok ? HealthyObservation() : ExpiredObservation());
  return RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt});
}

// A homeserver that was probed once.
Row RowOf(const std::string& server_name, bool ok) {
  Row row = MakeRow(Server(server_name));
  row.slot->Publish(BlockOf(ok));
  return row;
}

std::string Expose(std::vector<Row> rows, matrix_federation::SystemTime now = kFinishedAt) {
  Board board;
  board.Replace(std::move(rows));
  return RenderExposition(board, "", now);
}

TEST(Board, ShowsAServerBeforeItsFirstProbeWithZeroedCountersOnly) {
  const std::string text = Expose({MakeRow(Server("example.org"))});
  EXPECT_THAT(SamplesOf(text, "matrix_federation_target_info"), SizeIs(1));
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probes_total"),
              ElementsAre("matrix_federation_probes_total{server_name=\"example.org\"} 0"));
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probe_interval_seconds"), IsEmpty());
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probe_success"), IsEmpty());
}

TEST(Board, ShowsServersInTheOrderOfTheConfiguration) {
  EXPECT_THAT(SamplesOf(Expose({RowOf("b.example.org", true), RowOf("a.example.org", false)}),
                        "matrix_federation_probe_success"),
              ElementsAre("matrix_federation_probe_success{server_name=\"b.example.org\"} 1",
                          "matrix_federation_probe_success{server_name=\"a.example.org\"} 0"));
}

TEST(Board, ShowsTheLatestBlockOnly) {
  const Row row = RowOf("example.org", true);
  row.slot->Publish(BlockOf(false));
  EXPECT_THAT(SamplesOf(Expose({row}), "matrix_federation_probe_success"),
              ElementsAre("matrix_federation_probe_success{server_name=\"example.org\"} 0"));
}

TEST(Board, ShowsTheNewConfigurationBesideTheOldResult) {
  Row row = RowOf("example.org", true);
  Homeserver changed = Server("example.org");
  changed.group = "customers";
  changed.probe.interval = 1min;
  row.configured = RenderConfigured(changed);
  const std::string text = Expose({row});
  EXPECT_THAT(SamplesOf(text, "matrix_federation_target_info"),
              ElementsAre("matrix_federation_target_info{server_name=\"example.org\",group="
                          "\"customers\"} 1"));
  EXPECT_THAT(
      SamplesOf(text, "matrix_federation_probe_interval_seconds"),
      ElementsAre("matrix_federation_probe_interval_seconds{server_name=\"example.org\"} 60"));
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probe_success"), SizeIs(1));
}

TEST(Board, ShowsNothingOfARemovedServerWhoseProbeEndsLate) {
  const Row removed = RowOf("gone.example.org", true);
  Board board;
  board.Replace({removed, RowOf("example.org", true)});
  board.Replace({RowOf("example.org", true)});
  removed.slot->Publish(BlockOf(false));
  EXPECT_EQ(RenderExposition(board, "", kFinishedAt).find("gone.example.org"), std::string::npos);
}

TEST(Board, HandsBackTheRowsThatItReplaces) {
  Board board;
  board.Replace({RowOf("example.org", true)});
  EXPECT_THAT(board.Replace({}), SizeIs(1));
}

TEST(Board, HeadsEachFamilyOnce) {
  std::map<std::string, int> headers;
  std::istringstream lines(Expose({RowOf("a.example.org", true), RowOf("b.example.org", false)}));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) ++headers[line];
  }
  for (const auto& [header, count] : headers) EXPECT_EQ(count, 1) << header;
}

// A family is one uninterrupted group of lines, else Prometheus takes the second half for an error.
TEST(Board, KeepsTheSamplesOfAFamilyTogether) {
  std::string family;
  std::istringstream lines(Expose({RowOf("a.example.org", true), RowOf("b.example.org", false)}));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) family = line.substr(7, line.rfind(' ') - 7);
    if (line.starts_with('#')) continue;
    EXPECT_EQ(line.substr(0, line.find('{')), family);
  }
}

TEST(Board, LeavesOutTheHeaderOfAFamilyWithoutSamples) {
  const std::string text = Expose({RowOf("example.org", true)});
  EXPECT_EQ(text.find("matrix_federation_probe_failure_info"), std::string::npos);
}

TEST(Board, PutsFurtherFamiliesLast) {
  Board board;
  board.Replace({RowOf("example.org", true)});
  EXPECT_TRUE(RenderExposition(board, "up 1\n", kFinishedAt).ends_with("\nup 1\n"));
}

TEST(Board, ShowsAResultUntilItIsStale) {
  const Row row = RowOf("example.org", true);
  const auto shown_at = [&](auto age) {
    return SamplesOf(Expose({row}, kFinishedAt + age), "matrix_federation_probe_success");
  };
  EXPECT_THAT(shown_at(1h), SizeIs(1));
  EXPECT_THAT(shown_at(1h + 1ms), IsEmpty());
}

TEST(Board, WithholdsOnlyTheServerThatIsStale) {
  const Row stale = MakeRow(Server("a.example.org"));
  Watched watched;
  watched.server.probe.stale_after = 1min;
  const auto report = watched.Take(HealthyObservation());
  stale.slot->Publish(
      RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt}));
  const std::string text = Expose({stale, RowOf("b.example.org", true)}, kFinishedAt + 2min);
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probe_success"),
              ElementsAre("matrix_federation_probe_success{server_name=\"b.example.org\"} 1"));
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probes_total"), SizeIs(2));
}

TEST(Board, FindsAServerByItsName) {
  Board board;
  board.Replace({MakeRow(Server("a.example.org")), MakeRow(Server("b.example.org"))});
  ASSERT_NE(board.Find("b.example.org"), nullptr);
  EXPECT_EQ(board.Find("b.example.org")->server->server_name, "b.example.org");
}

TEST(Board, FindsNobodyWhoIsNotConfigured) {
  Board board;
  board.Replace({MakeRow(Server("a.example.org"))});
  board.Replace({MakeRow(Server("b.example.org"))});
  EXPECT_EQ(board.Find("a.example.org"), nullptr);
  EXPECT_EQ(board.Find("B.example.org"), nullptr);
}

TEST(Board, HasNoSnapshotBeforeTheFirstProbe) {
  EXPECT_EQ(MakeRow(Server("a.example.org")).slot->TakeSnapshot(), nullptr);
}

}  // namespace
}  // namespace exporter
