#include "web/token_bucket.h"

#include <gtest/gtest.h>

namespace web {
namespace {

using std::chrono::milliseconds;

class TokenBucketTest : public ::testing::Test {
 protected:
  bool TakeAt(milliseconds time) { return bucket_.Take(limit_, TokenBucket::Time(time)); }

  RateLimit limit_{.interval = milliseconds(100), .burst = 3};
  TokenBucket bucket_;
};

TEST_F(TokenBucketTest, HoldsABurst) {
  for (const bool expected : {true, true, true, false}) {
    EXPECT_EQ(TakeAt(milliseconds(50'000)), expected);
  }
}

TEST_F(TokenBucketTest, DripsOneEachInterval) {
  for (int i = 0; i < 3; ++i) TakeAt(milliseconds(50'000));
  EXPECT_FALSE(TakeAt(milliseconds(50'099)));
  EXPECT_TRUE(TakeAt(milliseconds(50'100)));
  EXPECT_FALSE(TakeAt(milliseconds(50'101)));
}

TEST_F(TokenBucketTest, HoldsNoMoreThanABurstAfterALongTime) {
  TakeAt(milliseconds(50'000));
  for (const bool expected : {true, true, true, false}) {
    EXPECT_EQ(TakeAt(milliseconds(90'000)), expected);
  }
}

TEST_F(TokenBucketTest, WithoutALimitIsNeverEmpty) {
  limit_ = {};
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(TakeAt(milliseconds(1)));
}

TEST_F(TokenBucketTest, BeginsAnewWithAnotherLimit) {
  for (int i = 0; i < 4; ++i) TakeAt(milliseconds(50'000));
  limit_.burst = 1;
  EXPECT_TRUE(TakeAt(milliseconds(50'000)));
  EXPECT_FALSE(TakeAt(milliseconds(50'000)));
}

}  // namespace
}  // namespace web
