#include "conformance/vectors.h"
#include "matrix_federation/well_known.h"

namespace conformance {
namespace {

namespace mf = matrix_federation;

class WellKnownCache : public testing::TestWithParam<Case> {};

TEST_P(WellKnownCache, Holds) {
  const Case& each = GetParam();
  const YAML::Node input = each.input["wellknown_response"];
  const YAML::Node headers = input["headers"];
  mf::WebResponse response;
  if (headers["Cache-Control"]) response.cache_control = headers["Cache-Control"].as<std::string>();
  if (headers["Expires"]) {
    response.has_expires = true;
    response.expires = headers["Expires"].as<std::string>();
  }
  const bool usable = input["status"].as<int>() == 200 &&
                      mf::ReadWellKnownBody(input["body"].as<std::string>()).ok();
  const auto lifetime = mf::HeaderLifetime(response, NowOf(each));

  const YAML::Node expected = each.expected["cache"];
  EXPECT_EQ(usable ? "ok" : "error", TextOf(each.expected["outcome"]));
  EXPECT_EQ(lifetime ? std::to_string(lifetime->count()) : "null",
            TextOf(expected["header_lifetime_s"]));
  EXPECT_EQ(mf::CacheLifetime(usable, lifetime).count(), expected["effective_s"].as<int>());
}

INSTANTIATE_TEST_SUITE_P(Vectors, WellKnownCache,
                         testing::ValuesIn(CasesWith("wellknown", "wellknown_response")), NameOf);

}  // namespace
}  // namespace conformance
