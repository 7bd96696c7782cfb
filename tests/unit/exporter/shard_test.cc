#include "exporter/shard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace exporter {
namespace {

std::vector<std::string> Names(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("hs" + std::to_string(i) + ".example.org");
  return names;
}

int OwnerOf(const std::string& name, int shards) {
  int owner = -1;
  for (int i = 0; i < shards; ++i) {
    if (!Shard{i, shards}.Owns(name)) continue;
    EXPECT_EQ(-1, owner) << name << " has two owners of " << shards;
    owner = i;
  }
  EXPECT_NE(-1, owner) << name << " has no owner of " << shards;
  return owner;
}

TEST(Shard, EveryServerIsOnExactlyOneShard) {
  for (const int shards : {1, 2, 3, 7, 16}) {
    for (const std::string& name : Names(500)) OwnerOf(name, shards);
  }
}

TEST(Shard, ShardsAreOfAboutTheSameSize) {
  std::vector<int> sizes(4);
  for (const std::string& name : Names(4000)) ++sizes.at(OwnerOf(name, 4));
  for (const int size : sizes) EXPECT_NEAR(1000, size, 100);
}

TEST(Shard, OneMoreShardTakesItsShareAndNothingElseMoves) {
  int moved = 0;
  for (const std::string& name : Names(4000)) {
    const int before = OwnerOf(name, 4);
    const int after = OwnerOf(name, 5);
    if (before == after) continue;
    ++moved;
    EXPECT_EQ(4, after) << name;
  }
  EXPECT_NEAR(800, moved, 100);
}

// Promised to those who run several versions side by side: the assignment never changes.
TEST(Shard, TheAssignmentIsTheSameInEveryVersion) {
  EXPECT_EQ(5, OwnerOf("matrix.org", 16));
  EXPECT_EQ(3, OwnerOf("example.org", 16));
}

struct Asked {
  bool good;
  Shard shard;
  std::string error;
};

Asked Ask(const std::string& shard, int count, std::string_view host_name = "") {
  Asked asked{};
  asked.good = ResolveShard(shard, count, host_name, asked.shard, asked.error);
  return asked;
}

TEST(ResolveShard, ANumberIsTheOrdinal) { EXPECT_EQ((Shard{2, 4}), Ask("2", 4).shard); }

TEST(ResolveShard, AutoTakesTheOrdinalOfAStatefulSetsPod) {
  EXPECT_EQ((Shard{3, 4}), Ask("auto", 4, "matrix-federation-exporter-3").shard);
  EXPECT_EQ((Shard{10, 16}), Ask("auto", 16, "exporter-10.exporter.monitoring.svc").shard);
}

TEST(ResolveShard, AutoNeedsAHostNameWithAnOrdinal) {
  for (const char* host : {"", "exporter", "exporter-", "exporter-a", "exporter-7c9f"}) {
    const Asked asked = Ask("auto", 4, host);
    EXPECT_FALSE(asked.good) << host;
    EXPECT_NE(std::string::npos, asked.error.find("'" + std::string(host) + "'")) << asked.error;
  }
}

TEST(ResolveShard, AnOrdinalBeyondTheNumberOfShardsIsAnError) {
  EXPECT_EQ("--shard=4, but --shards=4 allows 0 to 3 only", Ask("4", 4).error);
  EXPECT_EQ("--shard=99999999999, but --shards=4 allows 0 to 3 only", Ask("99999999999", 4).error);
  EXPECT_EQ("--shard=auto is 7, but --shards=4 allows 0 to 3 only", Ask("auto", 4, "e-7").error);
}

TEST(ResolveShard, WhatIsNoNumberIsAnError) {
  for (const char* text : {"", "-1", "1.5", "first", "99999999999"}) {
    EXPECT_FALSE(Ask(text, 4).good) << text;
  }
}

}  // namespace
}  // namespace exporter
