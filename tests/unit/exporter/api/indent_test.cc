#include "exporter/api/indent.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

TEST(Indenting, PutsOneMemberOnALine) {
  EXPECT_EQ(Indent(R"({"a":{"b":[1,{"c":null}]},"d":"e"})"), R"({
  "a": {
    "b": [
      1,
      {
        "c": null
      }
    ]
  },
  "d": "e"
})");
}

TEST(Indenting, LeavesWhatIsEmptyOnOneLine) {
  EXPECT_EQ(Indent(R"({"a":{},"b":[],"c":[[]]})"), R"({
  "a": {},
  "b": [],
  "c": [
    []
  ]
})");
}

TEST(Indenting, KeepsDigitsOrderAndStrings) {
  EXPECT_EQ(Indent("{ \"z\" :\t1.50e+400 ,\r\n\"a\": \"x, {y}: \\\"[\\\\\" }"),
            "{\n  \"z\": 1.50e+400,\n  \"a\": \"x, {y}: \\\"[\\\\\"\n}");
}

TEST(Indenting, EscapesWhatWouldEndAScript) {
  EXPECT_EQ(Indent(R"(["</script>&"])"), "[\n  \"\\u003c/script\\u003e\\u0026\"\n]");
}

}  // namespace
}  // namespace exporter
