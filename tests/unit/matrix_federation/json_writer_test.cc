#include "matrix_federation/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace matrix_federation {
namespace {

template <typename T>
std::string Written(const T& value) {
  std::string out;
  JsonWriter(out).Value(value);
  return out;
}

TEST(JsonWriter, SeparatesMembersAndElements) {
  std::string out;
  JsonWriter json(out);
  json.Object([&] {
    json.Member("a", 1);
    json.Key("b");
    json.Array([&] {
      json.Value(2);
      json.Object([] {});
      json.Array([] {});
      json.Raw("{}");
    });
    json.Member("c", true);
  });
  EXPECT_EQ(out, R"({"a":1,"b":[2,{},[],{}],"c":true})");
}

TEST(JsonWriter, EscapesWhatMayNotStandInAString) {
  EXPECT_EQ(Written(std::string_view("\"\\/\b\f\n\r\t\x01\x1f\0", 11)),
            R"("\"\\/\b\f\n\r\t\u0001\u001f\u0000")");
}

TEST(JsonWriter, LeavesOtherCharactersAlone) {
  EXPECT_EQ(Written("Zoë </script> \x7f 𝒳"), "\"Zoë </script> \x7f 𝒳\"");
}

TEST(JsonWriter, ReplacesWhatIsNoText) {
  EXPECT_EQ(Written("a\xff"
                    "b\xc3"),
            "\"a\xef\xbf\xbd"
            "b\xef\xbf\xbd\"");
}

TEST(JsonWriter, WritesNumbersAsTheyAre) {
  EXPECT_EQ(Written(0.0), "0.0");
  EXPECT_EQ(Written(-12.5), "-12.5");
  EXPECT_EQ(Written(0.000001), "0.000001");
  EXPECT_EQ(Written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(Written(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, WritesTheLongestNumbers) {
  EXPECT_EQ(Written(std::numeric_limits<double>::max()).size(), 311U);
  EXPECT_EQ(Written(std::numeric_limits<double>::denorm_min()).substr(0, 5), "0.000");
}

TEST(JsonWriter, WritesNullWhereThereIsNoValue) {
  EXPECT_EQ(Written(std::optional<int>()), "null");
  EXPECT_EQ(Written(std::optional<int>(3)), "3");
}

}  // namespace
}  // namespace matrix_federation
