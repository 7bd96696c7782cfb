#include <gtest/gtest.h>

#include "matrix_federation/signing_keys.h"

namespace matrix_federation {
namespace {

TEST(Base64, ReadsBothAlphabetsAndSaysWhich) {
  bool urlsafe = false;
  EXPECT_EQ(DecodeBase64("+/+/", &urlsafe), "\xfb\xff\xbf");
  EXPECT_FALSE(urlsafe);
  EXPECT_EQ(DecodeBase64("-_-_", &urlsafe), "\xfb\xff\xbf");
  EXPECT_TRUE(urlsafe);
}

TEST(Base64, IgnoresBitsLeftOver) { EXPECT_EQ(DecodeBase64("Zh"), DecodeBase64("Zg")); }

TEST(Base64, RefusesOtherTexts) {
  for (const char* text : {"Z", "Zg=x", "Z g", "Zg\n", "Zm9vYg===", "Zm9v*"}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

TEST(Base64, IsWrittenWithoutPadding) {
  EXPECT_EQ(EncodeBase64("f"), "Zg");
  EXPECT_EQ(EncodeBase64("\xfb\xff\xbf"), "+/+/");
  EXPECT_EQ(EncodeBase64(""), "");
}

}  // namespace
}  // namespace matrix_federation
