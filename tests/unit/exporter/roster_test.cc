#include "exporter/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Homeserver> List(const std::vector<std::string>& names) {
  std::vector<Homeserver> list;
  for (const std::string& name : names) list.push_back({.server_name = name});
  return list;
}

std::vector<std::string> Numbered(std::size_t from, std::size_t to) {
  std::vector<std::string> names;
  for (std::size_t i = from; i < to; ++i)
    names.push_back("hs" + std::to_string(i) + ".example.org");
  return names;
}

// Names of the board's rows in their order.
std::vector<std::string> NamesOf(const RosterChange& change) {
  std::vector<std::string> names;
  for (const Row& row : change.rows) {
    names.push_back(row.configured->server_name.substr(0, row.configured->server_name.size() - 1));
  }
  return names;
}

// What a probe loop makes of its changes: the homeserver under each number.
class Loop {
 public:
  void Follow(const LoopChange& change) {
    for (const std::size_t number : change.removed) EXPECT_EQ(servers_.erase(number), 1U);
    for (const auto& changed : change.changed) {
      ASSERT_TRUE(servers_.contains(changed.number));
      servers_[changed.number] = *changed.server;
    }
    for (const auto& target : change.added) {
      EXPECT_TRUE(servers_.emplace(target->number, *target->server).second);
      highest_ = std::max(highest_, target->number);
    }
  }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& [number, server] : servers_) names.insert(server.server_name);
    return names;
  }
  [[nodiscard]] std::size_t highest() const { return highest_; }

 private:
  std::map<std::size_t, Homeserver> servers_;
  std::size_t highest_ = 0;
};

TEST(Roster, AddsAllOfTheFirstList) {
  Roster roster(1);
  const auto change = roster.Replace(List({"a", "b"}));
  EXPECT_THAT(NamesOf(change), ElementsAre("a", "b"));
  EXPECT_THAT(change, AllOf(Field(&RosterChange::added, 2), Field(&RosterChange::removed, 0),
                            Field(&RosterChange::changed, 0)));
}

TEST(Roster, FindsNothingToDoForTheSameList) {
  Roster roster(1);
  roster.Replace(List({"a", "b"}));
  const auto change = roster.Replace(List({"a", "b"}));
  EXPECT_THAT(change.loops.front().removed, IsEmpty());
  EXPECT_THAT(change.loops.front().changed, IsEmpty());
  EXPECT_THAT(change.loops.front().added, IsEmpty());
  EXPECT_THAT(NamesOf(change), ElementsAre("a", "b"));
}

TEST(Roster, KeepsTheResultsOfThoseThatStay) {
  Roster roster(1);
  const auto before = roster.Replace(List({"a", "b", "c"}));
  auto list = List({"new", "c", "b"});
  list[1].group = "changed";
  const auto after = roster.Replace(std::move(list));
  EXPECT_EQ(after.rows[1].slot, before.rows[2].slot);
  EXPECT_EQ(after.rows[2].slot, before.rows[1].slot);
}

TEST(Roster, FollowsTheOrderOfTheList) {
  Roster roster(1);
  roster.Replace(List({"a", "b", "c"}));
  EXPECT_THAT(NamesOf(roster.Replace(List({"c", "a", "b"}))), ElementsAre("c", "a", "b"));
}

TEST(Roster, TellsTheLoopOfARemovedServer) {
  Roster roster(1);
  const auto before = roster.Replace(List({"a", "b"}));
  const auto after = roster.Replace(List({"a"}));
  EXPECT_THAT(after.loops.front().removed, ElementsAre(before.loops.front().added[1]->number));
  EXPECT_EQ(after.removed, 1U);
}

TEST(Roster, NoticesEveryKindOfChange) {
  const std::vector<void (*)(Homeserver&)> changes = {
      [](Homeserver& server) { server.group = "customers"; },
      [](Homeserver& server) { server.labels = {{"team", "chat"}}; },
      [](Homeserver& server) { server.probe.interval = 1min; },
      [](Homeserver& server) { server.probe.failure_interval = 30s; },
      [](Homeserver& server) { server.probe.timeout = 5s; },
      [](Homeserver& server) { server.probe.retries = 0; },
      [](Homeserver& server) { server.probe.stale_after = 2h; },
  };
  for (const auto& apply : changes) {
    Roster roster(1);
    roster.Replace(List({"a", "b"}));
    auto list = List({"a", "b"});
    apply(list[1]);
    const Homeserver expected = list[1];
    const auto change = roster.Replace(std::move(list));
    ASSERT_THAT(change.loops.front().changed, SizeIs(1));
    EXPECT_EQ(*change.loops.front().changed.front().server, expected);
  }
}

TEST(Roster, TakesAServerThatComesBackForANewOne) {
  Roster roster(1);
  const auto before = roster.Replace(List({"a", "b"}));
  roster.Replace(List({"b"}));
  const auto after = roster.Replace(List({"a", "b"}));
  EXPECT_EQ(after.added, 1U);
  EXPECT_NE(after.rows[0].slot, before.rows[0].slot);
}

TEST(Roster, LeavesEveryServerWithItsLoop) {
  Roster roster(3);
  std::vector<Loop> loops(3);
  const auto follow = [&](const RosterChange& change) {
    for (std::size_t i = 0; i < loops.size(); ++i) loops[i].Follow(change.loops[i]);
  };
  follow(roster.Replace(List(Numbered(0, 300))));
  const auto before = loops;
  // A loop would complain of a number that is not its own.
  follow(roster.Replace(List(Numbered(150, 600))));
  follow(roster.Replace(List(Numbered(0, 300))));
  for (std::size_t i = 0; i < loops.size(); ++i) EXPECT_EQ(loops[i].names(), before[i].names());
}

TEST(Roster, SharesTheServersEvenlyAmongTheLoops) {
  Roster roster(4);
  const auto change = roster.Replace(List(Numbered(0, 4000)));
  for (const LoopChange& loop : change.loops) {
    EXPECT_GT(loop.added.size(), 900U);
    EXPECT_LT(loop.added.size(), 1100U);
  }
}

TEST(Roster, UsesTheNumbersOfRemovedServersAgain) {
  Roster roster(1);
  Loop loop;
  for (std::size_t round = 0; round < 50; ++round) {
    const auto change = roster.Replace(List(Numbered(round * 7, round * 7 + 10)));
    loop.Follow(change.loops.front());
  }
  EXPECT_LT(loop.highest(), 10U);
}

TEST(Roster, EmptiesAndFillsAgain) {
  Roster roster(2);
  roster.Replace(List({"a", "b"}));
  EXPECT_THAT(NamesOf(roster.Replace({})), IsEmpty());
  EXPECT_THAT(NamesOf(roster.Replace(List({"c"}))), ElementsAre("c"));
}

}  // namespace
}  // namespace exporter
