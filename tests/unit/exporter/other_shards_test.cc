#include "exporter/other_shards.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

// Of three shards both are on number 2.
std::vector<Homeserver> List() {
  return {{.server_name = "example.org"}, {.server_name = "matrix.org"}};
}

TEST(OtherShards, AreWhereAServerOfTheListIsThatIsNotHere) {
  EXPECT_EQ(OtherShards({0, 3}, List()).WhereIs("matrix.org"),
            "belongs to shard 2 of 3; this is shard 0");
}

TEST(OtherShards, HaveNoServerThatIsHere) {
  EXPECT_EQ(OtherShards({2, 3}, List()).WhereIs("example.org"), "");
}

TEST(OtherShards, HaveNoServerThatIsNotConfigured) {
  EXPECT_EQ(OtherShards({0, 3}, List()).WhereIs("matrix.example"), "");
  EXPECT_EQ(OtherShards({0, 1}, List()).WhereIs("matrix.org"), "");
  EXPECT_EQ(OtherShards().WhereIs("matrix.org"), "");
}

}  // namespace
}  // namespace exporter
