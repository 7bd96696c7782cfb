#include "matrix_federation/http_date.h"

#include <gtest/gtest.h>

namespace matrix_federation {
namespace {

constexpr SystemSeconds kExample{std::chrono::seconds{784'111'777}};  // of RFC 9110

TEST(ParseHttpDate, ReadsAllThreeForms) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sun Nov  6 08:49:37 1994"), kExample);
}

TEST(ParseHttpDate, StaysWithinWhatTheClockCanHold) {
  const SystemTime now{std::chrono::seconds{1'800'000'000}};
  const auto late = ParseHttpDate("Fri, 31 Dec 9999 23:59:59 GMT");
  const auto early = ParseHttpDate("Thu, 01 Jan 0001 00:00:00 GMT");
  ASSERT_TRUE(late && early);
  EXPECT_GT(SystemTime{*late}, now);
  EXPECT_LT(SystemTime{*early}, now);
}

TEST(ParseHttpDate, RefusesAnythingElse) {
  for (const char* text : {"", "0", "-1", "Sun, 06 Nov 1994 08:49:37", "1994-11-06T08:49:37Z",
                           "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 25:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT and more"}) {
    EXPECT_FALSE(ParseHttpDate(text)) << text;
  }
}

}  // namespace
}  // namespace matrix_federation
