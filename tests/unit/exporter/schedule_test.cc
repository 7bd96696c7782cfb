#include "exporter/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace exporter {
namespace {

using namespace std::chrono_literals;
using Time = Schedule::Time;

constexpr Time kStart{1h};

std::string NameOf(std::size_t number) { return "hs" + std::to_string(number) + ".example.org"; }

Schedule Begun(std::size_t servers, Schedule::Duration interval = 5min,
               Schedule::Duration failure_interval = 1min) {
  Schedule schedule(kStart);
  for (std::size_t i = 0; i < servers; ++i) schedule.Add(NameOf(i), interval, failure_interval);
  schedule.Begin();
  return schedule;
}

// How many times lie in each bucket of this width, counted from `from`.
std::map<std::int64_t, int> Buckets(const std::vector<Schedule::Due>& all, Time from,
                                    Schedule::Duration width) {
  std::map<std::int64_t, int> buckets;
  for (const Schedule::Due& due : all) ++buckets[(due.due - from) / width];
  return buckets;
}

int Fullest(const std::map<std::int64_t, int>& buckets) {
  int most = 0;
  for (const auto& [number, count] : buckets) most = std::max(most, count);
  return most;
}

// Runs the schedule as a probe loop does, on a clock of its own: wakes up when Next says so, and
// every probe takes `duration`.
class Simulation {
 public:
  Simulation(Schedule& schedule, Schedule::Duration duration, bool probes_succeed)
      : schedule_(schedule), duration_(duration), probes_succeed_(probes_succeed) {}

  void RunUntil(Time end) {
    for (Time now = WakeUp(); now <= end; now = WakeUp()) {
      while (!under_way_.empty() && under_way_.begin()->first <= now) {
        schedule_.Finished(under_way_.begin()->second, probes_succeed_, now);
        under_way_.erase(under_way_.begin());
      }
      for (const Schedule::Due& due : schedule_.TakeDue(now)) {
        starts_[due.server].push_back(due.due);
        under_way_.emplace(now + duration_, due.server);
      }
    }
  }

  [[nodiscard]] const std::vector<Time>& StartsOf(std::size_t server) { return starts_[server]; }

 private:
  Time WakeUp() {
    const Time due = schedule_.Next().value();
    return under_way_.empty() ? due : std::min(due, under_way_.begin()->first);
  }

  Schedule& schedule_;
  Schedule::Duration duration_;
  bool probes_succeed_;
  std::multimap<Time, std::size_t> under_way_;
  std::map<std::size_t, std::vector<Time>> starts_;
};

TEST(Schedule, HasNothingToDoWithoutServers) {
  Schedule schedule = Begun(0);
  EXPECT_EQ(schedule.Next(), std::nullopt);
  EXPECT_TRUE(schedule.TakeDue(kStart + 24h).empty());
}

TEST(Schedule, NumbersServersInTheOrderOfAdding) {
  Schedule schedule(kStart);
  EXPECT_EQ(schedule.Add("a.example.org", 5min, 1min), 0U);
  EXPECT_EQ(schedule.Add("b.example.org", 5min, 1min), 1U);
  EXPECT_EQ(schedule.size(), 2U);
}

TEST(Schedule, SpreadsTheFirstRoundAtItsPace) {
  Schedule schedule = Begun(1000);
  const auto due = schedule.TakeDue(kStart + 5min);
  ASSERT_EQ(due.size(), 1000U);
  const auto buckets = Buckets(due, kStart, Schedule::kFirstRoundPace * 100);
  EXPECT_EQ(buckets.size(), 10U);
  EXPECT_LE(Fullest(buckets), 150);
}

TEST(Schedule, EndsTheFirstRoundWithinAnInterval) {
  Schedule schedule = Begun(1000, 1s, 1s);
  EXPECT_EQ(schedule.TakeDue(kStart + 1s).size(), 1000U);
}

TEST(Schedule, TreatsAServerAlikeInEveryRun) {
  Schedule one = Begun(50);
  Schedule reversed(kStart);
  for (std::size_t i = 50; i-- > 0;) reversed.Add(NameOf(i), 5min, 1min);
  reversed.Begin();
  std::set<std::pair<std::string, Time>> first;
  for (const auto& due : one.TakeDue(kStart + 1min)) first.emplace(NameOf(due.server), due.due);
  std::set<std::pair<std::string, Time>> second;
  for (const auto& due : reversed.TakeDue(kStart + 1min)) {
    second.emplace(NameOf(49 - due.server), due.due);
  }
  EXPECT_EQ(first, second);
}

TEST(Schedule, HandsOutTheLongestOverdueFirst) {
  Schedule schedule = Begun(100);
  const auto due = schedule.TakeDue(kStart + 1min);
  EXPECT_TRUE(std::is_sorted(due.begin(), due.end(),
                             [](const auto& a, const auto& b) { return a.due < b.due; }));
}

TEST(Schedule, HandsOutNobodyBeforeTheTime) {
  Schedule schedule = Begun(100);
  const Time first = schedule.Next().value();
  EXPECT_TRUE(schedule.TakeDue(first - 1ns).empty());
  EXPECT_FALSE(schedule.TakeDue(first).empty());
}

TEST(Schedule, MakesAFailingServerDueSooner) {
  Schedule schedule = Begun(1);
  const Time started = schedule.Next().value();
  schedule.TakeDue(started);
  schedule.Finished(0, false, started + 10s);
  EXPECT_EQ(schedule.Next(), started + 10s + 1min);
}

TEST(Schedule, LeavesAWorkingServerItsRegularTime) {
  Schedule schedule = Begun(1);
  schedule.TakeDue(kStart + 1s);
  const auto regular = schedule.Next();
  schedule.Finished(0, true, kStart + 2s);
  EXPECT_EQ(schedule.Next(), regular);
}

TEST(Schedule, NeverDelaysAFailingServerBeyondItsRegularTime) {
  Schedule schedule = Begun(1, 5min, 24h);
  schedule.TakeDue(kStart + 1s);
  const auto regular = schedule.Next();
  schedule.Finished(0, false, kStart + 2s);
  EXPECT_EQ(schedule.Next(), regular);
}

TEST(Schedule, SkipsAServerThatStillRuns) {
  Schedule schedule = Begun(1);
  ASSERT_EQ(schedule.TakeDue(kStart + 1s).size(), 1U);
  EXPECT_TRUE(schedule.TakeDue(schedule.Next().value()).empty());
}

TEST(Schedule, CountsWhatItSkipped) {
  Schedule schedule = Begun(1);
  schedule.TakeDue(kStart + 1s);
  EXPECT_EQ(schedule.skipped(), 0U);
  schedule.TakeDue(schedule.Next().value());
  schedule.TakeDue(schedule.Next().value());
  EXPECT_EQ(schedule.skipped(), 2U);
}

TEST(Schedule, ComesBackToASkippedServerOnceItHasFinished) {
  Schedule schedule = Begun(1);
  schedule.TakeDue(kStart + 1s);
  const Time skipped = schedule.Next().value();
  schedule.TakeDue(skipped);
  schedule.Finished(0, true, skipped + 1s);
  EXPECT_EQ(schedule.TakeDue(schedule.Next().value()).size(), 1U);
}

TEST(Schedule, HandsOutNobodyTwiceAtOnceAfterALongSleep) {
  Schedule schedule = Begun(100);
  std::set<std::size_t> servers;
  const auto due = schedule.TakeDue(kStart + 24h);
  for (const auto& each : due) servers.insert(each.server);
  EXPECT_EQ(due.size(), 100U);
  EXPECT_EQ(servers.size(), 100U);
}

TEST(Schedule, LeavesAtLeastHalfAnIntervalAfterALateStart) {
  Schedule schedule = Begun(100);
  const Time late = kStart + 24h;
  schedule.TakeDue(late);
  EXPECT_GE(schedule.Next().value(), late + 150s);
}

TEST(Schedule, KeepsEachServerOnItsGridOverManyRounds) {
  Schedule schedule = Begun(20);
  Simulation simulation(schedule, 2s, true);
  simulation.RunUntil(kStart + 100 * 5min);
  for (std::size_t server = 0; server < 20; ++server) {
    const auto& starts = simulation.StartsOf(server);
    ASSERT_GE(starts.size(), 99U);
    for (std::size_t round = 2; round < starts.size(); ++round) {
      ASSERT_EQ(starts[round] - starts[round - 1], 5min) << NameOf(server) << " " << round;
    }
  }
}

TEST(Schedule, SpreadsTenThousandServersEvenly) {
  Schedule schedule = Begun(10'000);
  schedule.TakeDue(kStart + 20s);
  for (std::size_t server = 0; server < 10'000; ++server) {
    schedule.Finished(server, true, kStart + 20s);
  }
  const auto due = schedule.TakeDue(kStart + 20s + 5min + 150s);
  ASSERT_EQ(due.size(), 10'000U);
  // 33 a second on average; by chance alone, none of 300 seconds has 66.
  EXPECT_LE(Fullest(Buckets(due, kStart, 1s)), 66);
}

TEST(Schedule, LooksThroughOutdatedEntries) {
  Schedule schedule = Begun(1, 300s, 100s);
  schedule.TakeDue(kStart + 1s);
  const Time regular = schedule.Next().value();
  // The retry ends so close to the regular time that this one is left out.
  schedule.Finished(0, false, regular - 110s);
  schedule.TakeDue(regular - 10s);
  EXPECT_EQ(schedule.Next(), regular + 300s);
  EXPECT_TRUE(schedule.TakeDue(regular).empty());
}

TEST(Schedule, StarvesNobodyWhileProbesFinishConstantly) {
  Schedule schedule = Begun(200, 60s, 10s);
  Simulation simulation(schedule, 1s, false);
  simulation.RunUntil(kStart + 600s);
  for (std::size_t server = 0; server < 200; ++server) {
    // Every 11 seconds: the probe and the wait after its failure.
    EXPECT_GE(simulation.StartsOf(server).size(), 54U) << NameOf(server);
  }
}

}  // namespace
}  // namespace exporter
