#include "conformance/vectors.h"

namespace conformance {
namespace {

TEST(Vectors, ArePresent) { EXPECT_FALSE(AllCases().empty()); }

TEST(Vectors, AreAllJudgedBySomeSuite) {
  for (const Case& each : AllCases()) {
    EXPECT_TRUE(JudgedIds().contains(each.id)) << each.id << " is judged nowhere";
  }
}

}  // namespace
}  // namespace conformance
