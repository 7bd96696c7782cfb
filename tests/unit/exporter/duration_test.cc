#include "exporter/duration.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

using std::chrono::milliseconds;

TEST(Duration, ReadsWhatOperatorsWrite) {
  EXPECT_EQ(ParseDuration("90s"), milliseconds(90'000));
  EXPECT_EQ(ParseDuration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(ParseDuration("250ms"), milliseconds(250));
  EXPECT_EQ(ParseDuration("1d"), milliseconds(86'400'000));
  EXPECT_EQ(ParseDuration("0s"), milliseconds(0));
}

TEST(Duration, RefusesNumbersWithoutUnitAndUnitsOutOfOrder) {
  for (const char* text : {"", "5", "s", "30s5m", "1m1m", "-5s", "1.5h", "5 m", "99999999999s"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(Duration, RefusesASumThatIsLongerThanAnyOneNumberMayBe) {
  EXPECT_TRUE(ParseDuration("1000000000d").has_value());
  EXPECT_FALSE(ParseDuration("1000000000d31h9m").has_value());
}

TEST(Duration, WritesWhatItReadsBack) {
  for (const char* text : {"5m", "1h30m", "1d", "250ms", "1m500ms", "0s"}) {
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  }
}

}  // namespace
}  // namespace exporter
