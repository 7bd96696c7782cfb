#include "exporter/api/lookup.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

Board BoardOf(const std::vector<std::string>& names) {
  std::vector<Row> rows;
  for (const std::string& name : names) {
    Homeserver server;
    server.server_name = name;
    rows.push_back(MakeRow(std::move(server)));
  }
  Board board;
  board.Replace(std::move(rows));
  return board;
}

TEST(NearestHomeserver, IsTheOneInAnotherCase) {
  EXPECT_EQ(NearestHomeserver(BoardOf({"exbmple.org", "example.org"}), "EXAMPLE.org"),
            "example.org");
}

TEST(NearestHomeserver, IsTheDomainAboveOrBelow) {
  EXPECT_EQ(NearestHomeserver(BoardOf({"ple.org", "example.org"}), "matrix.example.org"),
            "example.org");
  EXPECT_EQ(NearestHomeserver(BoardOf({"a.org", "matrix.example.org"}), "example.org"),
            "matrix.example.org");
}

TEST(NearestHomeserver, IsTheOneWithASlip) {
  EXPECT_EQ(NearestHomeserver(BoardOf({"other.org", "example.org"}), "exmaple.org"), "example.org");
}

TEST(NearestHomeserver, IsNoneWhereNoneIsNear) {
  EXPECT_EQ(NearestHomeserver(BoardOf({"example.org"}), "matrix.org"), "");
  EXPECT_EQ(NearestHomeserver(BoardOf({"example.org"}), ""), "");
  EXPECT_EQ(NearestHomeserver(BoardOf({"example.org"}), "." + std::string(10'000, 'x')), "");
  EXPECT_EQ(NearestHomeserver(Board(), "example.org"), "");
}

TEST(WhyAbsent, NamesTheNearest) {
  const auto [sentence, nearest] = WhyAbsent(BoardOf({"example.org"}), "exmaple.org");
  EXPECT_EQ(sentence, "'exmaple.org' is not a configured homeserver; did you mean 'example.org'?");
  EXPECT_EQ(nearest, "example.org");
}

TEST(WhyAbsent, NamesTheShardOfAConfiguredOneAndSuggestsNothing) {
  Board board;
  board.Replace({}, OtherShards({0, 3}, {{.server_name = "matrix.org"}}));
  const auto [sentence, nearest] = WhyAbsent(board, "matrix.org");
  EXPECT_EQ(sentence, "'matrix.org' belongs to shard 2 of 3; this is shard 0");
  EXPECT_EQ(nearest, "");
}

}  // namespace
}  // namespace exporter
