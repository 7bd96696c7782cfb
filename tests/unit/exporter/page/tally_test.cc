#include "exporter/page/tally.h"

#include <gtest/gtest.h>

namespace exporter::page {
namespace {

Tally Counts(std::size_t failing, std::size_t warning, std::size_t unknown, std::size_t ok) {
  Tally tally{};
  CountOf(tally, State::kFailing) = failing;
  CountOf(tally, State::kWarning) = warning;
  CountOf(tally, State::kUnknown) = unknown;
  CountOf(tally, State::kOk) = ok;
  return tally;
}

TEST(Headline, CountsThoseThatCannotBeReached) {
  EXPECT_EQ(Headline(Counts(3, 1, 2, 4)), "3 of 10 homeservers cannot be reached");
  EXPECT_EQ(Headline(Counts(1, 0, 0, 0)), "The homeserver cannot be reached");
}

TEST(Headline, IsContentWhenAllCanBeReachedWithWarningsOrWithout) {
  EXPECT_EQ(Headline(Counts(0, 1, 0, 4)), "All 5 homeservers can be reached");
  EXPECT_EQ(Headline(Counts(0, 1, 0, 0)), "The homeserver can be reached");
}

TEST(Headline, ClaimsNothingOfThoseWithoutAFreshResult) {
  EXPECT_EQ(Headline(Counts(0, 1, 2, 4)), "5 of 7 homeservers can be reached");
  EXPECT_EQ(Headline(Counts(0, 0, 2, 0)), "2 homeservers, and no fresh result yet");
  EXPECT_EQ(Headline(Counts(0, 0, 0, 0)), "No homeserver is configured");
}

}  // namespace
}  // namespace exporter::page
