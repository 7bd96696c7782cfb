#include "exporter/board.h"

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

BlockPointer BlockOf(const std::string& server_name, bool ok) {
  Watched watched;
  watched.server.server_name = server_name;
  const auto report = watched.Take(ok ? HealthyObservation() : ExpiredObservation());
  return RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt});
}

TEST(Board, ShowsNothingBeforeABlockIsPublished) {
  EXPECT_EQ(RenderExposition(Board(3), "", kFinishedAt), "");
}

TEST(Board, ShowsServersInTheOrderOfTheConfiguration) {
  Board board(2);
  board.Publish(1, BlockOf("b.example.org", false));
  board.Publish(0, BlockOf("a.example.org", true));
  EXPECT_THAT(
      SamplesOf(RenderExposition(board, "", kFinishedAt), "matrix_federation_probe_success"),
      ElementsAre("matrix_federation_probe_success{server_name=\"a.example.org\"} 1",
                  "matrix_federation_probe_success{server_name=\"b.example.org\"} 0"));
}

TEST(Board, ShowsTheLatestBlockOnly) {
  Board board(1);
  board.Publish(0, BlockOf("example.org", true));
  board.Publish(0, BlockOf("example.org", false));
  EXPECT_THAT(
      SamplesOf(RenderExposition(board, "", kFinishedAt), "matrix_federation_probe_success"),
      ElementsAre("matrix_federation_probe_success{server_name=\"example.org\"} 0"));
}

TEST(Board, HeadsEachFamilyOnce) {
  Board board(2);
  board.Publish(0, BlockOf("a.example.org", true));
  board.Publish(1, BlockOf("b.example.org", false));
  std::map<std::string, int> headers;
  std::istringstream lines(RenderExposition(board, "", kFinishedAt));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) ++headers[line];
  }
  for (const auto& [header, count] : headers) EXPECT_EQ(count, 1) << header;
}

// A family is one uninterrupted group of lines, else Prometheus takes the second half for an error.
TEST(Board, KeepsTheSamplesOfAFamilyTogether) {
  Board board(2);
  board.Publish(0, BlockOf("a.example.org", true));
  board.Publish(1, BlockOf("b.example.org", false));
  std::string family;
  std::istringstream lines(RenderExposition(board, "", kFinishedAt));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) family = line.substr(7, line.rfind(' ') - 7);
    if (line.starts_with('#')) continue;
    EXPECT_EQ(line.substr(0, line.find('{')), family);
  }
}

TEST(Board, LeavesOutTheHeaderOfAFamilyWithoutSamples) {
  Board board(1);
  board.Publish(0, BlockOf("example.org", true));
  const std::string text = RenderExposition(board, "", kFinishedAt);
  EXPECT_EQ(text.find("matrix_federation_probe_failure_info"), std::string::npos);
}

TEST(Board, PutsFurtherFamiliesLast) {
  Board board(1);
  board.Publish(0, BlockOf("example.org", true));
  EXPECT_TRUE(RenderExposition(board, "up 1\n", kFinishedAt).ends_with("\nup 1\n"));
}

TEST(Board, ShowsAResultUntilItIsStale) {
  Board board(1);
  board.Publish(0, BlockOf("example.org", true));
  const auto shown_at = [&](auto age) {
    return SamplesOf(RenderExposition(board, "", kFinishedAt + age),
                     "matrix_federation_probe_success");
  };
  EXPECT_THAT(shown_at(1h), SizeIs(1));
  EXPECT_THAT(shown_at(1h + 1ms), IsEmpty());
}

TEST(Board, WithholdsOnlyTheServerThatIsStale) {
  Board board(2);
  Watched watched;
  watched.server.probe.stale_after = 1min;
  const auto report = watched.Take(HealthyObservation());
  board.Publish(
      0, RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt}));
  board.Publish(1, BlockOf("b.example.org", true));
  const std::string text = RenderExposition(board, "", kFinishedAt + 2min);
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probe_success"),
              ElementsAre("matrix_federation_probe_success{server_name=\"b.example.org\"} 1"));
  EXPECT_THAT(SamplesOf(text, "matrix_federation_probes_total"), SizeIs(2));
}

}  // namespace
}  // namespace exporter
