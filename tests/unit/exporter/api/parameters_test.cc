#include "exporter/api/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter {
namespace {

using testing::HasSubstr;

std::string ErrorOf(std::string_view query) {
  std::string error;
  EXPECT_FALSE(Parameters::Read(query, {"state", "limit"}, error)) << query;
  return error;
}

TEST(ParametersOfARequest, AreFoundByName) {
  std::string error;
  const auto parameters = Parameters::Read("limit=10&state=ok", {"state", "limit"}, error);
  ASSERT_TRUE(parameters) << error;
  EXPECT_EQ(*parameters->Find("state"), "ok");
  EXPECT_EQ(parameters->Number("limit", 7, error), 10U);
}

TEST(ParametersOfARequest, MayBeMissing) {
  std::string error;
  const auto parameters = Parameters::Read("", {"state", "limit"}, error);
  ASSERT_TRUE(parameters) << error;
  EXPECT_EQ(parameters->Find("state"), nullptr);
  EXPECT_EQ(parameters->Number("limit", 7, error), 7U);
}

TEST(ParametersOfARequest, AreRefusedWhenUnknownWithThoseThatAreKnown) {
  EXPECT_THAT(ErrorOf("stat=ok"), HasSubstr("did you mean 'state'?"));
  EXPECT_THAT(ErrorOf("format=json"), HasSubstr("known are: state, limit"));
  EXPECT_THAT(ErrorOf(std::string(10'000, 'x') + "=1"), HasSubstr("known are: state, limit"));
}

TEST(ParametersOfARequest, AreRefusedWhenTheyStandThereTwice) {
  EXPECT_THAT(ErrorOf("state=ok&state=failing"), HasSubstr("twice"));
}

TEST(ParametersOfARequest, AreRefusedWhenBadlyEncoded) {
  EXPECT_THAT(ErrorOf("state=%zz"), HasSubstr("badly encoded"));
}

TEST(ParametersOfARequest, AreNumbersOnlyWhereTheyAreWhole) {
  for (const char* value : {"", "-1", "1.5", "1e3", " 1", "1000000001", "99999999999999999999"}) {
    std::string error;
    const auto parameters =
        Parameters::Read("limit=" + std::string(value), {"state", "limit"}, error);
    ASSERT_TRUE(parameters) << error;
    EXPECT_EQ(parameters->Number("limit", 7, error), std::nullopt) << value;
    EXPECT_THAT(error, HasSubstr("a whole number from 0 to 1000000000"));
  }
}

}  // namespace
}  // namespace exporter
