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

TEST(ExpositionText, WritesBoundsAsOpenMetricsWantsThem) {
  const auto bound = [](double value) {
    std::string out;
    AppendBound(value, out);
    return out;
  };
  EXPECT_EQ(bound(1), "1.0");
  EXPECT_EQ(bound(0.25), "0.25");
  EXPECT_EQ(bound(1e22), "1e+22");
  EXPECT_EQ(bound(std::numeric_limits<double>::infinity()), "+Inf");
}

std::string Header(std::string_view name, MetricType type, Format format) {
  std::string out;
  AppendHeader(name, type, "Help.", format, out);
  return out;
}

TEST(ExpositionText, HeadsAFamilyWithHelpAndType) {
  EXPECT_EQ(Header("up", MetricType::kGauge, Format::kText), "# HELP up Help.\n# TYPE up gauge\n");
}

TEST(ExpositionText, CallsAnInfoAGaugeWhereTheFormatKnowsNoInfo) {
  EXPECT_EQ(Header("build_info", MetricType::kInfo, Format::kText),
            "# HELP build_info Help.\n# TYPE build_info gauge\n");
}

TEST(ExpositionText, NamesFamiliesWithoutTheirSuffixInOpenMetrics) {
  EXPECT_EQ(Header("build_info", MetricType::kInfo, Format::kOpenMetrics),
            "# HELP build Help.\n# TYPE build info\n");
  EXPECT_EQ(Header("probes_total", MetricType::kCounter, Format::kOpenMetrics),
            "# HELP probes Help.\n# TYPE probes counter\n");
}

TEST(ExpositionText, SaysTheUnitInOpenMetrics) {
  EXPECT_EQ(Header("cpu_seconds_total", MetricType::kCounter, Format::kOpenMetrics),
            "# HELP cpu_seconds Help.\n# TYPE cpu_seconds counter\n# UNIT cpu_seconds seconds\n");
}

}  // namespace
}  // namespace exporter
