#include "matrix_federation/json_value.h"

#include <gtest/gtest.h>

#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

std::optional<JsonValue> Parse(std::string_view text) {
  std::string error;
  auto value = JsonValue::Parse(text, error);
  EXPECT_NE(value.has_value(), !error.empty()) << "an error exactly when there is no value";
  return value;
}

std::string Nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonValue, KeepsEveryDigit) {
  for (const char* number :
       {"9007199254740995", "-9007199254740993", "18446744073709551615", "18446744073709551616",
        "123456789012345678901234567890", "1.50", "1E+2", "0.1", "1e400", "-1e4000", "1e-9999"}) {
    const auto value = Parse(number);
    ASSERT_TRUE(value) << number;
    EXPECT_EQ(value->AsNumber()->text, number);
  }
}

TEST(JsonValue, SaysWhatWasSentInstead) {
  const auto error_of = [](std::string_view text) {
    std::string error;
    EXPECT_FALSE(JsonValue::Parse(text, error));
    return error;
  };
  EXPECT_EQ(error_of("\n <!DOCTYPE html>"), "not JSON but a web page or XML: it begins with '<'");
  EXPECT_EQ(error_of(" \r\n"), "not JSON: it is empty");
  EXPECT_EQ(error_of("[1e4933]"), "a number at byte 7 is beyond what programs read");
  EXPECT_EQ(error_of("\x1f\x8b\x08"), "not JSON but compressed (gzip), which was not asked for");
}

TEST(JsonValue, LetsTheLastOfRepeatedMembersCount) {
  const auto value = Parse(R"({"a": {"x": 1}, "b": 0, "a": "last"})");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value->Find("a")->AsString(), "last");
  EXPECT_EQ(value->AsObject()->size(), 2U);
}

TEST(JsonValue, BuildsWhatIsNested) {
  const auto value = Parse(R"({"a": [1, {"b": ["c", [], {}, null, true]}], "d": "e"})");
  ASSERT_TRUE(value);
  const auto& list = std::get<JsonValue::Array>(value->Find("a")->variant());
  const auto& inner = std::get<JsonValue::Array>(list.at(1).Find("b")->variant());
  EXPECT_EQ(*inner.at(0).AsString(), "c");
  EXPECT_EQ(inner.size(), 5U);
  EXPECT_EQ(*value->Find("d")->AsString(), "e");
}

TEST(JsonValue, DecodesEscapesToUtf8) {
  EXPECT_EQ(*Parse(R"("\u65e5\ud83d\ude00\u0000")")->AsString(),
            std::string("\xe6\x97\xa5\xf0\x9f\x98\x80\0", 8));
}

TEST(JsonValue, RefusesLoneSurrogates) {
  for (const char* text : {R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\u0041")"}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
}

TEST(JsonValue, RefusesInvalidUtf8) {
  for (const char* text : {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xe6\x97\""}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
}

TEST(JsonValue, RefusesAByteOrderMark) { EXPECT_FALSE(Parse("\xef\xbb\xbf{}")); }

TEST(JsonValue, RefusesTrailingData) {
  EXPECT_TRUE(Parse(" {} \r\n\t"));
  for (const std::string& text : {std::string("{} {}"), std::string("{}x"), std::string("{},"),
                                  std::string("{}\0", 3), std::string("{}\0garbage", 10)}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
}

TEST(JsonValue, RefusesWhatIsNoJson) {
  for (const char* text : {"", " ", "{", "[1,]", "{'a':1}", "{\"a\":01}", "NaN", "// x\n{}", "+1",
                           "\"a\nb\"", "{\"a\"}", "truex"}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
}

TEST(JsonValue, NestsAsDeepAsItsLimitAndNoDeeper) {
  EXPECT_TRUE(Parse(Nested(kJsonDepthMax)));
  EXPECT_FALSE(Parse(Nested(kJsonDepthMax + 1)));
  EXPECT_FALSE(Parse(std::string(1'000'000, '[')));
}

TEST(JsonValue, FindsMembersOfObjectsOnly) {
  EXPECT_EQ(Parse("[1]")->Find("a"), nullptr);
  EXPECT_EQ(Parse("{}")->Find("a"), nullptr);
}

}  // namespace
}  // namespace matrix_federation
