#include "web/compress.h"

#include <gtest/gtest.h>

namespace web {
namespace {

const std::string kText(1000, 'x');

TEST(Compress, ReadsBackWhatItPacked) {
  EXPECT_EQ(Gunzip(Gzip(kText), kText.size()), kText);
  EXPECT_EQ(Gunzip(Gzip(""), 0), "");
}

TEST(Compress, UnpacksNothingThatIsLongerThanAllowed) {
  EXPECT_EQ(Gunzip(Gzip(kText), kText.size() - 1), std::nullopt);
}

TEST(Compress, UnpacksNothingThatIsCutShort) {
  const std::string packed = Gzip(kText);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(Gunzip(packed.substr(0, size), kText.size()), std::nullopt) << size;
  }
}

TEST(Compress, UnpacksNothingWithSomethingBehindIt) {
  EXPECT_EQ(Gunzip(Gzip(kText) + Gzip(""), kText.size()), std::nullopt);
  EXPECT_EQ(Gunzip(Gzip(kText) + std::string("\xe8\x03\0\0", 4), kText.size()), std::nullopt);
}

TEST(Compress, UnpacksNothingThatLiesAboutItsLength) {
  std::string packed = Gzip(kText);
  packed[packed.size() - 4] = 1;
  EXPECT_EQ(Gunzip(packed, kText.size()), std::nullopt);
}

}  // namespace
}  // namespace web
