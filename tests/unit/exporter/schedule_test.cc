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
  for (std::size_t i = 0; i < servers; ++i) schedule.Add(i, NameOf(i), interval, failure_interval);
  schedule.Begin(kStart);
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

TEST(Schedule, SpreadsTheFirstRoundAtItsPace) {
  Schedule schedule = Begun(1000);
  const auto due = schedule.TakeDue(kStart + 5min);
  ASSERT_EQ(due.size(), 1000U);
  const auto buckets = Buckets(due, kStart, Schedule::kFirstRoundPace * 100);
  EXPECT_EQ(buckets.size(), 10U);
  EXPECT_LE(Fullest(buckets), 150);
}

TEST(Schedule, EndsTheFirstRoundWithinAnInterval) {
  Schedule schedule = Begun(1000, 50ms, 50ms);
  EXPECT_EQ(schedule.TakeDue(kStart + 50ms).size(), 1000U);
}

TEST(Schedule, TreatsAServerAlikeInEveryRun) {
  Schedule one = Begun(50);
  Schedule reversed(kStart);
  for (std::size_t i = 0; i < 50; ++i) reversed.Add(i, NameOf(49 - i), 5min, 1min);
  reversed.Begin(kStart);
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

TEST(Schedule, CountsNothingWhileAServerWaitsForItsPlace) {
  Schedule schedule = Begun(1);
  schedule.TakeDue(kStart + 1s);
  EXPECT_TRUE(schedule.TakeDue(schedule.Next().value()).empty());
  EXPECT_EQ(schedule.skipped(), 0U);
}

TEST(Schedule, CountsWhatItSkipped) {
  Schedule schedule = Begun(1);
  schedule.TakeDue(kStart + 1s);
  schedule.Started(0);
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

TEST(Schedule, ForgetsTheTimesThatFailuresHaveOutdated) {
  Schedule schedule = Begun(1, 24h, 1s);
  Simulation(schedule, 1s, false).RunUntil(kStart + 12h);
  EXPECT_LT(schedule.size(), 2'000U);
}

// ---- What a reload changes

constexpr Time kReload = kStart + 1h;

// A schedule whose servers have all been probed once.
Schedule Probed(std::size_t servers, Schedule::Duration interval,
                Schedule::Duration failure_interval, bool ok) {
  Schedule schedule = Begun(servers, interval, failure_interval);
  for (const auto& due : schedule.TakeDue(kReload - 1s)) {
    schedule.Finished(due.server, ok, kReload - 1s);
  }
  return schedule;
}

// One server whose last probe ended then, in an earlier run.
Schedule Resumed(Time ended, bool ok) {
  Schedule schedule(kStart);
  schedule.Add(0, NameOf(0), 5min, 1min);
  schedule.Resume(0, ended, ok);
  schedule.Begin(kStart);
  return schedule;
}

TEST(ScheduleResume, HasAServerDueWhenItWouldHaveBeen) {
  EXPECT_EQ(Resumed(kStart - 2min, true).Next(), kStart + 3min);
}

TEST(ScheduleResume, HasAFailedServerDueSooner) {
  EXPECT_EQ(Resumed(kStart - 20s, false).Next(), kStart + 40s);
}

TEST(ScheduleResume, StartsAnOverdueServerWithTheFirstRound) {
  const auto due = Resumed(kStart - 1h, true).Next().value();
  EXPECT_GE(due, kStart);
  EXPECT_LE(due, kStart + Schedule::kFirstRoundPace);
}

TEST(ScheduleResume, SpreadsThoseWhoAreAllOverdue) {
  Schedule schedule(kStart);
  for (std::size_t i = 0; i < 1000; ++i) {
    schedule.Add(i, NameOf(i), 5min, 1min);
    schedule.Resume(i, kStart - 24h, i % 2 == 0);
  }
  schedule.Begin(kStart);
  const auto due = schedule.TakeDue(kStart + Schedule::kFirstRoundPace * 1000);
  ASSERT_EQ(due.size(), 1000U);
  EXPECT_LE(Fullest(Buckets(due, kStart, Schedule::kFirstRoundPace * 100)), 150);
}

TEST(ScheduleResume, HoldsUpNoNewServer) {
  Schedule schedule(kStart);
  for (std::size_t i = 0; i < 1000; ++i) {
    schedule.Add(i, NameOf(i), 5min, 1min);
    if (i > 0) schedule.Resume(i, kStart, true);
  }
  schedule.Begin(kStart);
  EXPECT_LE(schedule.Next().value(), kStart + Schedule::kFirstRoundPace);
}

TEST(ScheduleResume, GoesOnWithRegularTimes) {
  Schedule schedule = Resumed(kStart - 2min, true);
  const Time first = schedule.TakeDue(kStart + 3min).front().due;
  schedule.Finished(0, true, kStart + 3min);
  const Time second = schedule.Next().value();
  EXPECT_GE(second - first, 150s);
  EXPECT_LE(second - first, 450s);
}

TEST(ScheduleResume, CountsANewFailureIntervalFromTheFailure) {
  Schedule schedule = Resumed(kStart - 20s, false);
  schedule.Change(0, 5min, 30s, kStart);
  EXPECT_EQ(schedule.Next(), kStart + 10s);
}

TEST(ScheduleChange, StartsAddedServersAtOnceAtThePaceOfAFirstRound) {
  Schedule schedule = Probed(10, 24h, 24h, true);
  for (std::size_t i = 10; i < 510; ++i) schedule.Add(i, NameOf(i), 5min, 1min);
  schedule.Begin(kReload);
  const auto due = schedule.TakeDue(kReload + Schedule::kFirstRoundPace * 500);
  ASSERT_EQ(due.size(), 500U);
  EXPECT_LE(Fullest(Buckets(due, kReload, Schedule::kFirstRoundPace * 50)), 75);
}

TEST(ScheduleChange, LeavesTheOthersTheirTimes) {
  Schedule schedule = Probed(1, 5min, 1min, true);
  const auto before = schedule.Next();
  schedule.Add(1, NameOf(1), 24h, 24h);
  schedule.Begin(kReload + 10min);
  EXPECT_EQ(schedule.Next(), before);
}

TEST(ScheduleChange, MakesAServerDueByAShorterInterval) {
  Schedule schedule = Probed(1, 24h, 24h, true);
  ASSERT_GT(schedule.Next().value(), kReload + 1h);
  schedule.Change(0, 1min, 1min, kReload);
  EXPECT_LE(schedule.Next().value(), kReload + 1min);
}

TEST(ScheduleChange, SpreadsServersOverTheirNewInterval) {
  Schedule schedule = Probed(1000, 24h, 24h, true);
  for (std::size_t i = 0; i < 1000; ++i) schedule.Change(i, 100s, 100s, kReload);
  const auto due = schedule.TakeDue(kReload + 100s);
  ASSERT_EQ(due.size(), 1000U);
  EXPECT_LE(Fullest(Buckets(due, kReload, 10s)), 150);
}

TEST(ScheduleChange, KeepsTheTimeThatALongerIntervalWouldPutOff) {
  Schedule schedule = Probed(1, 5min, 1min, true);
  const auto before = schedule.Next();
  schedule.Change(0, 24h, 24h, kReload);
  EXPECT_EQ(schedule.Next(), before);
  schedule.TakeDue(before.value());
  EXPECT_GE(schedule.Next().value(), before.value() + 12h);
}

TEST(ScheduleChange, CountsANewFailureIntervalFromTheFailure) {
  Schedule schedule = Probed(1, 24h, 12h, false);
  schedule.Change(0, 24h, 1min, kReload);
  EXPECT_EQ(schedule.Next(), kReload - 1s + 1min);
}

TEST(ScheduleChange, StartsAnOverdueRetryAtOnce) {
  Schedule schedule = Probed(1, 24h, 12h, false);
  schedule.Change(0, 24h, 1min, kReload + 1h);
  EXPECT_EQ(schedule.Next(), kReload + 1h);
}

TEST(ScheduleChange, DoesNotHoldAnOldFailureAgainstAServerThatRunsAgain) {
  Schedule schedule = Probed(1, 24h, 10min, false);
  const Time again = schedule.Next().value();
  schedule.TakeDue(again);
  schedule.Change(0, 24h, 1min, again);
  EXPECT_GT(schedule.Next().value(), again + 1h);
}

TEST(ScheduleChange, ForgetsARemovedServer) {
  Schedule schedule = Begun(2);
  schedule.Remove(0);
  const auto due = schedule.TakeDue(kStart + 1h);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due.front().server, 1U);
}

TEST(ScheduleChange, HasNothingToDoOnceAllAreRemoved) {
  Schedule schedule = Begun(2);
  schedule.Remove(0);
  schedule.Remove(1);
  EXPECT_EQ(schedule.Next(), std::nullopt);
}

TEST(ScheduleChange, TreatsTheNextServerOfANumberAsANewOne) {
  Schedule schedule = Begun(1);
  ASSERT_EQ(schedule.TakeDue(kStart + 1s).size(), 1U);
  // The first one is still being probed.
  schedule.Remove(0);
  schedule.Add(0, "another.example.org", 5min, 1min);
  schedule.Begin(kReload);
  EXPECT_EQ(schedule.TakeDue(kReload + 1s).size(), 1U);
  EXPECT_EQ(schedule.skipped(), 0U);
}

TEST(ScheduleChange, StaysRightHoweverOftenServersComeAndGo) {
  Schedule schedule = Begun(0);
  for (int round = 0; round < 100; ++round) {
    for (std::size_t i = 0; i < 100; ++i) {
      if (round != 0) schedule.Remove(i);
      schedule.Add(i, NameOf(i), 24h, 24h);
    }
    schedule.Begin(kReload);
  }
  EXPECT_EQ(schedule.TakeDue(kReload + 1s).size(), 100U);
}

TEST(Schedule, HastensAServer) {
  Schedule schedule = Begun(1);
  schedule.TakeDue(kStart + 5min);
  schedule.Finished(0, true, kStart + 5min);
  schedule.Hasten(0, kStart + 6min);
  EXPECT_EQ(schedule.DueOf(0), kStart + 6min);
  EXPECT_EQ(schedule.TakeDue(kStart + 6min).size(), 1U);
}

TEST(Schedule, HastensNobodyWhoIsBeingProbed) {
  Schedule schedule = Begun(1);
  schedule.TakeDue(kStart + 5min);
  schedule.Hasten(0, kStart + 5min);
  EXPECT_TRUE(schedule.TakeDue(kStart + 5min).empty());
  EXPECT_EQ(schedule.skipped(), 0U);
}

TEST(Schedule, DelaysNobodyWhoIsOverdueByHastening) {
  Schedule schedule = Begun(1);
  const auto due = schedule.DueOf(0);
  schedule.Hasten(0, kStart + 10min);
  EXPECT_EQ(schedule.DueOf(0), due);
}

TEST(Schedule, KnowsNoTimeOfAServerBeforeItsBegin) {
  Schedule schedule(kStart);
  schedule.Add(0, NameOf(0), 5min, 1min);
  EXPECT_EQ(schedule.DueOf(0), std::nullopt);
}

}  // namespace
}  // namespace exporter
