#include "web/query.h"

#include <gtest/gtest.h>

namespace web {
namespace {

using namespace std::string_literals;

TEST(Query, FindsAParameter) {
  EXPECT_EQ(QueryValue("target=example.org&format=json", "target"), "example.org");
  EXPECT_EQ(QueryValue("target=example.org&format=json", "format"), "json");
}

TEST(Query, TakesTheFirstOfTwo) { EXPECT_EQ(QueryValue("a=1&a=2", "a"), "1"); }

TEST(Query, KnowsAbsentFromEmpty) {
  EXPECT_EQ(QueryValue("", "a"), std::nullopt);
  EXPECT_EQ(QueryValue("ab=1&&b", "a"), std::nullopt);
  EXPECT_EQ(QueryValue("a=", "a"), "");
  EXPECT_EQ(QueryValue("b&a", "a"), "");
}

TEST(Query, KeepsFurtherEqualSigns) { EXPECT_EQ(QueryValue("a=b=c", "a"), "b=c"); }

TEST(Query, DecodesAsFormsAreEncoded) {
  EXPECT_EQ(QueryValue("a=%5B%3a%3a1%5D+%2B", "a"), "[::1] +");
  EXPECT_EQ(QueryValue("server%5Fname=x", "server_name"), "x");
  EXPECT_EQ(QueryValue("a=%00", "a"), "\0"s);
}

TEST(Query, HasNoValueWhereTheEncodingIsBroken) {
  for (const char* query : {"a=%", "a=%4", "a=%4&b=1", "a=%zz", "a=%-1", "a=ok%"}) {
    EXPECT_EQ(QueryValue(query, "a"), std::nullopt) << query;
  }
}

TEST(QueryParameters, AreAllOfThemInTheirOrder) {
  const auto parameters = QueryParameters("b=%20&&a=1+2&a&=x");
  ASSERT_TRUE(parameters);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(*parameters, (Pairs{{"b", " "}, {"a", "1 2"}, {"a", ""}, {"", "x"}}));
  EXPECT_EQ(QueryParameters(""), Pairs());
}

TEST(QueryParameters, AreNoneWhereOneIsBadlyEncoded) {
  EXPECT_EQ(QueryParameters("a=1&b=%4"), std::nullopt);
  EXPECT_EQ(QueryParameters("%zz=1"), std::nullopt);
}

TEST(PercentDecoding, LeavesAPlusAlone) {
  EXPECT_EQ(PercentDecode("a+b%20c"), "a+b c");
  EXPECT_EQ(PercentDecode("%"), std::nullopt);
}

}  // namespace
}  // namespace web
