#include "exporter/nearest_word.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

TEST(NearestWord, FindsATypingError) {
  EXPECT_EQ(NearestWord("timout", {"interval", "timeout"}), "timeout");
  EXPECT_EQ(NearestWord("attemps", {"attempts", "timeout"}), "attempts");
}

TEST(NearestWord, FindsNothingFarAway) {
  EXPECT_EQ(NearestWord("colour", {"interval", "timeout"}), "");
  EXPECT_EQ(NearestWord("", {"dns", "tls"}), "");
}

TEST(NearestWord, TakesTheNearestOfSeveral) {
  EXPECT_EQ(NearestWord("failure_intervall", {"interval", "failure_interval"}), "failure_interval");
}

}  // namespace
}  // namespace exporter
