#include "exporter/metric_rules.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

using namespace metric_rules;

struct Named {
  std::string_view name;
  MetricType type;
};

TEST(MetricRules, TakeLowerCaseWordsForAName) {
  for (const char* good : {"up", "http_2xx_total"}) EXPECT_TRUE(IsName(good)) << good;
  for (const char* bad : {"", "Up", "2xx", "_up", "up_", "a__b", "a-b", "a:b"}) {
    EXPECT_FALSE(IsName(bad)) << bad;
  }
}

TEST(MetricRules, WantTheSuffixOfTheType) {
  EXPECT_TRUE(EndsAsItsType("probes_total", MetricType::kCounter));
  EXPECT_TRUE(EndsAsItsType("build_info", MetricType::kInfo));
  EXPECT_FALSE(EndsAsItsType("probes", MetricType::kCounter));
  EXPECT_FALSE(EndsAsItsType("probes_total", MetricType::kGauge));
  EXPECT_FALSE(EndsAsItsType("build_info", MetricType::kGauge));
  EXPECT_FALSE(EndsAsItsType("build", MetricType::kInfo));
}

TEST(MetricRules, LeaveTheSuffixesOfHistogramsToThem) {
  for (const char* bad : {"lag_bucket", "lag_sum", "lag_count", "lag_created"}) {
    EXPECT_FALSE(EndsAsItsType(bad, MetricType::kGauge)) << bad;
  }
}

TEST(MetricRules, WantBaseUnits) {
  EXPECT_TRUE(HasBaseUnit("probe_duration_seconds", MetricType::kGauge));
  EXPECT_TRUE(HasBaseUnit("cpu_seconds_total", MetricType::kCounter));
  EXPECT_FALSE(HasBaseUnit("probe_duration", MetricType::kGauge));
  EXPECT_FALSE(HasBaseUnit("probe_duration_milliseconds", MetricType::kGauge));
  EXPECT_FALSE(HasBaseUnit("expiry_days", MetricType::kGauge));
  EXPECT_FALSE(HasBaseUnit("seconds_timestamp", MetricType::kGauge));
}

TEST(MetricRules, WantASentenceThatNeedsNoEscaping) {
  EXPECT_TRUE(IsHelp("Completed probes."));
  for (const char* bad : {"", ".", "No period", "A \"quote\".", "A \\.", "Two\nlines.", "Ünits."}) {
    EXPECT_FALSE(IsHelp(bad)) << bad;
  }
}

TEST(MetricRules, WantEachLabelOnceAndNoneOfPrometheusOwn) {
  using Labels = std::array<std::string_view, 3>;
  EXPECT_TRUE(AreLabels(Labels{"role", "position"}));
  EXPECT_FALSE(AreLabels(Labels{"role", "role"}));
  EXPECT_FALSE(AreLabels(Labels{"", "role"}));
  EXPECT_FALSE(AreLabels(Labels{"Role"}));
  for (const std::string_view taken : {"server_name", "le", "quantile", "job", "instance"}) {
    EXPECT_FALSE(AreLabels(Labels{taken})) << taken;
  }
}

TEST(MetricRules, TellFamiliesApartAlsoWithoutTheirSuffixes) {
  EXPECT_TRUE(AreDistinct(
      std::array{Named{"a_total", MetricType::kCounter}, Named{"b_total", MetricType::kCounter}}));
  EXPECT_FALSE(AreDistinct(
      std::array{Named{"build_info", MetricType::kInfo}, Named{"build", MetricType::kGauge}}));
}

}  // namespace
}  // namespace exporter
