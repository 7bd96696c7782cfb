#include "exporter/exposition_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace exporter {
namespace {

std::string Escaped(std::string_view value) {
  std::string out;
  AppendEscaped(value, out);
  return out;
}

std::string Number(double value) {
  std::string out;
  AppendNumber(value, out);
  return out;
}

TEST(ExpositionText, EscapesWhatWouldEndALabelValue) {
  EXPECT_EQ(Escaped("a\"b"), "a\\\"b");
  EXPECT_EQ(Escaped("a\\b"), "a\\\\b");
  EXPECT_EQ(Escaped("a\nb"), "a\\nb");
}

TEST(ExpositionText, LeavesOtherCharactersAsTheyAre) { EXPECT_EQ(Escaped("{é='}"), "{é='}"); }

TEST(ExpositionText, WritesIntegersWithoutExponent) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(-3), "-3");
  EXPECT_EQ(Number(1'800'000'000), "1800000000");
  EXPECT_EQ(Number(281'474'976'710'655), "281474976710655");
}

TEST(ExpositionText, WritesFractionsThatReadBackTheSame) {
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(1'800'000'000.123), "1800000000.123");
  EXPECT_EQ(std::stod(Number(1.0 / 3)), 1.0 / 3);
}

TEST(ExpositionText, SpellsSpecialNumbersAsPrometheusDoes) {
  EXPECT_EQ(Number(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(Number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), "-Inf");
}

TEST(ExpositionText, HeadsAFamilyWithHelpAndType) {
  std::string out;
  AppendHeader("up", "A \\ is doubled.", "gauge", out);
  EXPECT_EQ(out, "# HELP up A \\\\ is doubled.\n# TYPE up gauge\n");
}

}  // namespace
}  // namespace exporter
