#include "exporter/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "unit/exporter/golden.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using testing::Each;
using testing::Le;
using testing::SizeIs;

std::string OpenMetricsOf(const Watched& watched, const matrix_federation::Report* report) {
  return Expose(watched, report, kFinishedAt, kFinishedAt, Format::kOpenMetrics);
}

std::string SampleLines(const std::string& exposition) {
  std::string samples;
  std::istringstream lines(exposition);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) samples += line + '\n';
  }
  return samples;
}

// Several homeservers: some work, some do not, one was never probed.
void Fill(Board& board) {
  std::vector<Row> rows;
  for (int i = 0; i < 20; ++i) {
    Watched watched;
    watched.server.server_name = "hs" + std::to_string(i) + ".example.org";
    rows.push_back(MakeRow(watched.server));
    if (i == 7) continue;
    const auto report = watched.Take(i % 3 == 0 ? ExpiredObservation() : HealthyObservation());
    rows.back().slot->Publish(
        RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt}));
  }
  board.Replace(std::move(rows));
}

std::shared_ptr<const Gathering> Gather(const Board& board) {
  const auto gathering = std::make_shared<Gathering>();
  gathering->Gather(board, kFinishedAt);
  return gathering;
}

std::vector<std::string> PartsOf(const Board& board, std::size_t part_size) {
  std::vector<std::string> parts;
  Exposition exposition(Gather(board), Format::kText, part_size);
  for (auto part = exposition.Next(); !part.empty(); part = exposition.Next()) {
    parts.emplace_back(part);
  }
  return parts;
}

TEST(OpenMetrics, ShowsAHealthyServer) {
  Watched watched;
  const auto report = watched.Take(HealthyObservation());
  ExpectGolden(OpenMetricsOf(watched, &report), "exposition/healthy.openmetrics");
}

TEST(OpenMetrics, ShowsAFailingServer) {
  Watched watched;
  const auto report = watched.Take(ExpiredObservation());
  ExpectGolden(OpenMetricsOf(watched, &report), "exposition/expired.openmetrics");
}

TEST(OpenMetrics, HasTheSameSamplesAsTheTextFormat) {
  Watched watched;
  const auto report = watched.Take(ExpiredObservation());
  EXPECT_EQ(SampleLines(OpenMetricsOf(watched, &report)), SampleLines(Expose(watched, &report)));
}

TEST(OpenMetrics, EndsWithItsMarkBehindFurtherFamilies) {
  const std::string text = RenderExposition(Board(), "up 1\n", kFinishedAt, Format::kOpenMetrics);
  EXPECT_EQ(text, "up 1\n# EOF\n");
}

TEST(Exposition, IsTheSameInPartsOfEverySize) {
  Board board;
  Fill(board);
  const std::string whole = RenderExposition(board, "", kFinishedAt);
  for (const std::size_t size : {1UL, 100UL, 1'000UL, 10'000UL, 1'000'000UL}) {
    std::string joined;
    for (const std::string& part : PartsOf(board, size)) joined += part;
    EXPECT_EQ(joined, whole) << size;
  }
}

TEST(Exposition, EndsAPartWithTheRowThatFillsIt) {
  Board board;
  Fill(board);
  // The largest family of a homeserver, with its header.
  constexpr std::size_t kRow = 3'000;
  EXPECT_THAT(PartsOf(board, 5'000), Each(SizeIs(Le(5'000 + kRow))));
}

// More than the room that a family has at first.
TEST(Exposition, ShowsEveryRowOfManyInTheirOrder) {
  Watched watched;
  const auto report = watched.Take(HealthyObservation());
  const BlockPointer block =
      RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt});
  Board board;
  std::vector<Row> rows;
  std::vector<std::string> expected;
  for (int i = 0; i < 2'000; ++i) {
    watched.server.server_name = "hs" + std::to_string(i) + ".example.org";
    rows.push_back(MakeRow(watched.server));
    rows.back().slot->Publish(block);
    for (const std::string role : {"federation", "well_known"}) {
      expected.push_back(
          "matrix_federation_tls_earliest_certificate_expiry_timestamp_seconds{"
          "server_name=\"" +
          watched.server.server_name + "\",role=\"" + role + "\"} 1803859200");
    }
  }
  board.Replace(std::move(rows));
  const std::string text = RenderExposition(board, "", kFinishedAt);
  EXPECT_EQ(SamplesOf(text, "matrix_federation_tls_earliest_certificate_expiry_timestamp_seconds"),
            expected);
  EXPECT_THAT(SamplesOf(text, "matrix_federation_tls_certificate_info"), SizeIs(8'000));
}

TEST(Exposition, StaysAsItWasWhenTheProbesGoOn) {
  Board board;
  Fill(board);
  const std::string before = RenderExposition(board, "", kFinishedAt);
  Exposition exposition(Gather(board), Format::kText, 1'000);
  std::string joined(exposition.Next());
  Watched watched;
  const auto report = watched.Take(ExpiredObservation());
  for (const Row& row : board.rows()) {
    row.slot->Publish(
        RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt}));
  }
  for (auto part = exposition.Next(); !part.empty(); part = exposition.Next()) joined += part;
  EXPECT_EQ(joined, before);
}

}  // namespace
}  // namespace exporter
