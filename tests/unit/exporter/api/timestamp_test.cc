#include "exporter/api/timestamp.h"

#include <gtest/gtest.h>

#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

TEST(Timestamp, IsWrittenAsReportsHaveIt) {
  EXPECT_EQ(ToTimestamp(kFinishedAt), "2027-01-15T08:00:00.500Z");
  EXPECT_EQ(ToTimestamp(floor<seconds>(kFinishedAt)), "2027-01-15T08:00:00Z");
}

TEST(Timestamp, IsReadAsItIsWritten) {
  EXPECT_EQ(FromTimestamp("2027-01-15T08:00:00Z"), 1'800'000'000.0);
  EXPECT_EQ(FromTimestamp("1969-12-31T23:59:59Z"), -1.0);
}

TEST(Timestamp, IsNothingElse) {
  for (const char* text :
       {"", "2027-01-15", "2027-01-15T08:00:00", "2027-13-15T08:00:00Z", "2027-02-30T08:00:00Z",
        "2027-01-15 08:00:00Z", "2027-01-15T08:0x:00Z"}) {
    EXPECT_EQ(FromTimestamp(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace exporter
