#include "exporter/gathering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/exposition.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

class GatheringTest : public testing::Test {
 protected:
  GatheringTest() { Configure(3); }

  void Configure(int count) {
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) {
      watched_.server.server_name = "hs" + std::to_string(i) + ".example.org";
      rows.push_back(MakeRow(watched_.server));
    }
    board_.Replace(std::move(rows));
    for (int i = 0; i < count; ++i) Probe(static_cast<std::size_t>(i));
  }

  void Probe(std::size_t row) {
    const auto report = watched_.Take(HealthyObservation());
    board_.rows()[row].slot->Publish(
        RenderBlock({watched_.server, watched_.settings, watched_.history, &report, kFinishedAt}));
  }

  // What a scrape holds that began after another probe.
  std::shared_ptr<const Gathering> TakeAnew() {
    Probe(0);
    return gatherings_.Take(kFinishedAt);
  }

  static std::vector<std::string> Successes(std::shared_ptr<const Gathering> gathering) {
    std::string text;
    Exposition exposition(std::move(gathering), Format::kText);
    for (auto part = exposition.Next(); !part.empty(); part = exposition.Next()) text += part;
    return SamplesOf(text, "matrix_federation_probe_success");
  }

  Watched watched_;
  Board board_;
  Gatherings gatherings_{board_};
};

TEST_F(GatheringTest, KnowsWhenAResultWillBeStale) {
  EXPECT_EQ(gatherings_.Take(kFinishedAt)->moment().until,
            kFinishedAt + ProbeSettings().stale_after);
}

TEST_F(GatheringTest, HasNothingLeftOfTheOneBeforeInTheSameMemory) {
  Gathering gathering;
  gathering.Gather(board_, kFinishedAt);
  Configure(1);
  gathering.Gather(board_, kFinishedAt);
  EXPECT_THAT(Successes(std::make_shared<Gathering>(std::move(gathering))), SizeIs(1));
}

TEST_F(GatheringTest, LeavesOutWhatIsStale) {
  EXPECT_THAT(Successes(gatherings_.Take(kFinishedAt + ProbeSettings().stale_after + 1ms)),
              IsEmpty());
}

TEST_F(GatheringTest, IsSharedWhileNothingChanges) {
  const auto first = gatherings_.Take(kFinishedAt);
  EXPECT_EQ(gatherings_.Take(kFinishedAt + 1s), first);
}

TEST_F(GatheringTest, IsMadeAnewWhenAProbeHasEnded) {
  const auto first = gatherings_.Take(kFinishedAt);
  EXPECT_NE(TakeAnew(), first);
}

TEST_F(GatheringTest, IsMadeAnewWhenAResultIsStale) {
  const auto first = gatherings_.Take(kFinishedAt);
  EXPECT_NE(gatherings_.Take(kFinishedAt + ProbeSettings().stale_after + 1ms), first);
}

TEST_F(GatheringTest, UsesTheMemoryThatNoScrapeHoldsAnyMore) {
  const std::weak_ptr<const Gathering> first = gatherings_.Take(kFinishedAt);
  const auto second = TakeAnew();
  EXPECT_EQ(second, first.lock());
}

TEST_F(GatheringTest, CutsOffTheSlowestClientsWhereAllTogetherTakeTooMuch) {
  const std::size_t bytes = gatherings_.Take(kFinishedAt)->bytes();
  Gatherings gatherings(board_, 5 * bytes / 2);
  std::vector<Exposition> expositions;
  for (int i = 0; i < 3; ++i) {
    Probe(0);
    expositions.emplace_back(gatherings.Take(kFinishedAt), Format::kText);
  }
  EXPECT_THROW(static_cast<void>(expositions[0].Next()), std::runtime_error);
  EXPECT_FALSE(expositions[1].Next().empty());
  EXPECT_FALSE(expositions[2].Next().empty());
}

TEST_F(GatheringTest, ServesTheNewestClientHoweverLargeAllIs) {
  Gatherings gatherings(board_, 1);
  EXPECT_THAT(Successes(gatherings.Take(kFinishedAt)), SizeIs(3));
}

TEST_F(GatheringTest, LetsGoOfTheMemoryOfALargerConfiguration) {
  Configure(3'000);
  std::weak_ptr<const Gathering> large = gatherings_.Take(kFinishedAt);
  Configure(1);
  static_cast<void>(gatherings_.Take(kFinishedAt));
  EXPECT_TRUE(large.expired());
}

}  // namespace
}  // namespace exporter
