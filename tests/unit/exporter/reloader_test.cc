#include "exporter/reloader.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

TEST(InFlightOf, AllLoopsTogetherKeepToTheMaximum) {
  EXPECT_EQ(InFlightOf(0, 1, 256), 256U);
  std::size_t sum = 0;
  for (std::size_t loop = 0; loop < 4; ++loop) sum += InFlightOf(loop, 4, 10);
  EXPECT_EQ(sum, 10U);
}

TEST(InFlightOf, EachLoopProbes) {
  for (std::size_t loop = 0; loop < 4; ++loop) EXPECT_EQ(InFlightOf(loop, 4, 1), 1U);
}

}  // namespace
}  // namespace exporter
