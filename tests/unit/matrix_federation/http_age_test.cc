#include "matrix_federation/http_age.h"

#include <gtest/gtest.h>

#include <string>

#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

using std::chrono::seconds;

TEST(ParseAge, ReadsWholeSeconds) {
  EXPECT_EQ(ParseAge("0"), seconds{0});
  EXPECT_EQ(ParseAge("3600"), seconds{3600});
  EXPECT_EQ(ParseAge(" 0060\t"), seconds{60});
}

TEST(ParseAge, TakesTheFirstOfAList) {
  EXPECT_EQ(ParseAge("60, 120"), seconds{60});
  EXPECT_EQ(ParseAge("60,nonsense"), seconds{60});
}

TEST(ParseAge, EndsWhereCachesEnd) {
  EXPECT_EQ(ParseAge("2147483648"), kAgeMax);
  EXPECT_EQ(ParseAge("2147483649"), kAgeMax);
  EXPECT_EQ(ParseAge(std::string(1000, '9')), kAgeMax);
}

TEST(ParseAge, RefusesAnythingElse) {
  for (const char* text :
       {"", " ", "-1", "-0", "+1", "1.5", "0x10", "1 2", "60s", "sixty", ",60", "\xd9\xa1"}) {
    EXPECT_FALSE(ParseAge(text)) << text;
  }
}

}  // namespace
}  // namespace matrix_federation
