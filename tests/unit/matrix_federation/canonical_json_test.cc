#include "matrix_federation/canonical_json.h"

#include <gtest/gtest.h>

namespace matrix_federation {
namespace {

// The canonical text, or the reason why there is none.
std::string CanonicalTextOf(std::string_view text) {
  std::string error;
  const auto value = JsonValue::Parse(text, error);
  if (!value) return error;
  const auto canonical = CanonicalJson(*value);
  return canonical ? *canonical : std::string(Word(canonical.failure().reason));
}

TEST(CanonicalJson, SortsByCodePointNotByUtf16) {
  // U+FFFD comes before U+1F600, though its UTF-16 unit is greater than a surrogate.
  EXPECT_EQ(CanonicalTextOf("{\"😀\":1,\"\xef\xbf\xbd\":2}"), "{\"\xef\xbf\xbd\":2,\"😀\":1}");
}

TEST(CanonicalJson, WritesWholeNumbersPlainly) {
  EXPECT_EQ(CanonicalTextOf("[-0, 0.0, -0e5, 1.0, 1.50e1, 100e-2, 1E+2, -2.000]"),
            "[0,0,0,1,15,1,100,-2]");
  EXPECT_EQ(CanonicalTextOf("[18446744073709551616]"), "[18446744073709551616]");
}

TEST(CanonicalJson, HasNoFractions) {
  for (const char* text :
       {"1.5", "15e-1", "1e-1", "0.001", "1.5e-9223372036854775808", "1e-99999999999999999999"}) {
    EXPECT_EQ(CanonicalTextOf(text), "canonical_json_unrepresentable") << text;
  }
}

TEST(CanonicalJson, BoundsTheDigitsOfANumber) {
  EXPECT_EQ(CanonicalTextOf("1e99"), "1" + std::string(99, '0'));
  EXPECT_EQ(CanonicalTextOf("1e100"), "canonical_json_unrepresentable");
}

TEST(CanonicalJson, EscapesNothingThatMayStandRaw) {
  EXPECT_EQ(CanonicalTextOf(R"(["\/\"\\\u007f\u0001é"])"), "[\"/\\\"\\\\\x7f\\u0001é\"]");
}

TEST(CanonicalJson, LeavesOutMembersOfTheOuterObjectOnly) {
  std::string error;
  const auto value = JsonValue::Parse(R"({"a":{"signatures":1},"signatures":2,"b":3})", error);
  const auto canonical = CanonicalJsonWithout(*value->AsObject(), {"signatures"});
  ASSERT_TRUE(canonical);
  EXPECT_EQ(*canonical, R"({"a":{"signatures":1},"b":3})");
}

}  // namespace
}  // namespace matrix_federation
