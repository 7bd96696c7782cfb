#include "text.h"

#include <gtest/gtest.h>

namespace matrix_federation {
namespace {

using namespace std::chrono_literals;

const std::string kMark = "\xef\xbf\xbd";  // U+FFFD

TEST(ToPrintable, LeavesPlainTextAlone) {
  EXPECT_EQ(ToPrintable("Grüße, 日本語 😀", 100), "Grüße, 日本語 😀");
}

TEST(ToPrintable, MarksControlCharacters) {
  EXPECT_EQ(ToPrintable(std::string("a\0b\nc\x1b[31m\x7f", 11), 100),
            "a" + kMark + "b" + kMark + "c" + kMark + "[31m" + kMark);
  EXPECT_EQ(ToPrintable("\xc2\x85", 100), kMark) << "a C1 control character";
  EXPECT_EQ(ToPrintable("\xc2\xa0", 100), "\xc2\xa0") << "the first character after C1";
}

TEST(ToPrintable, MarksEachFaultyByte) {
  EXPECT_EQ(ToPrintable("\xff", 100), kMark);
  EXPECT_EQ(ToPrintable("\xc0\xaf", 100), kMark + kMark) << "overlong";
  EXPECT_EQ(ToPrintable("\xe0\x80\xaf", 100), kMark + kMark + kMark) << "overlong";
  EXPECT_EQ(ToPrintable("\xed\xa0\x80", 100), kMark + kMark + kMark) << "surrogate";
  EXPECT_EQ(ToPrintable("\xf4\x90\x80\x80", 100), kMark + kMark + kMark + kMark) << "> U+10FFFF";
  EXPECT_EQ(ToPrintable("\xe6\x97", 100), kMark + kMark) << "cut off";
}

TEST(ToPrintable, CutsBetweenCharacters) {
  EXPECT_EQ(ToPrintable("日本", 5), "日");
  EXPECT_EQ(ToPrintable("日本", 6), "日本");
  EXPECT_EQ(ToPrintable("ab", 0), "");
  EXPECT_EQ(ToPrintable("a\xff", 3), "a") << "the mark itself has three bytes";
}

TEST(Ago, CountsInTheUnitThatSaysEnough) {
  const std::chrono::sys_seconds now{1'800'000'000s};
  EXPECT_EQ(Ago(now, now + 500ms), "1 minute ago");
  EXPECT_EQ(Ago(now - 119min, now), "119 minutes ago");
  EXPECT_EQ(Ago(now - 26h, now), "26 hours ago");
  EXPECT_EQ(Ago(now - 48h, now), "2 days ago");
}

TEST(IsPrintable, AgreesWithToPrintable) {
  EXPECT_TRUE(IsPrintable("日本 ok"));
  EXPECT_FALSE(IsPrintable("tab\there"));
  EXPECT_FALSE(IsPrintable("\xff"));
}

TEST(ToRfc3339, WritesUtc) {
  EXPECT_EQ(ToRfc3339(std::chrono::sys_seconds{1'800'000'000s}), "2027-01-15T08:00:00Z");
  EXPECT_EQ(ToRfc3339(std::chrono::sys_time<std::chrono::milliseconds>{1'800'000'000'007ms}),
            "2027-01-15T08:00:00.007Z");
  EXPECT_EQ(ToRfc3339(std::chrono::sys_time<std::chrono::milliseconds>{-1ms}),
            "1969-12-31T23:59:59.999Z");
}

TEST(Trim, RemovesBlanksAtBothEnds) {
  EXPECT_EQ(Trim(" \ta b\t "), "a b");
  EXPECT_EQ(Trim("  "), "");
}

TEST(ToLower, TouchesAsciiLettersOnly) { EXPECT_EQ(ToLower("ABZ[Ä"), "abz[Ä"); }

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(Join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(Join({}, ", "), "");
}

}  // namespace
}  // namespace matrix_federation
