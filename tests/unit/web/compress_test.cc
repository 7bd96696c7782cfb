#include "web/compress.h"

#include <gtest/gtest.h>

namespace web {
namespace {

const std::string kPlain(1000, 'x');

TEST(Compress, ReadsBackWhatItPacked) {
  EXPECT_EQ(Gunzip(Gzip(kPlain), kPlain.size()), kPlain);
  EXPECT_EQ(Gunzip(Gzip(""), 0), "");
}

TEST(Compress, UnpacksNothingThatIsLongerThanAllowed) {
  EXPECT_EQ(Gunzip(Gzip(kPlain), kPlain.size() - 1), std::nullopt);
}

TEST(Compress, UnpacksNothingThatIsCutShort) {
  const std::string packed = Gzip(kPlain);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(Gunzip(packed.substr(0, size), kPlain.size()), std::nullopt) << size;
  }
}

TEST(Compress, UnpacksNothingWithSomethingBehindIt) {
  EXPECT_EQ(Gunzip(Gzip(kPlain) + Gzip(""), kPlain.size()), std::nullopt);
  EXPECT_EQ(Gunzip(Gzip(kPlain) + std::string("\xe8\x03\0\0", 4), kPlain.size()), std::nullopt);
}

TEST(Compress, UnpacksNothingThatLiesAboutItsLength) {
  std::string packed = Gzip(kPlain);
  packed[packed.size() - 4] = 1;
  EXPECT_EQ(Gunzip(packed, kPlain.size()), std::nullopt);
}

TEST(DictionaryPacker, ReadsBackWhatItPacked) {
  const DictionaryPacker packer("what most texts have");
  for (const std::string& text :
       {std::string(), kPlain, std::string("what most texts have, and more")}) {
    EXPECT_EQ(packer.Unpack(packer.Pack(text)), text);
  }
}

TEST(DictionaryPacker, ReadsBackWhatIsLongAndRandom) {
  std::string text(1'000'000, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  const DictionaryPacker packer("nothing of it");
  EXPECT_EQ(packer.Unpack(packer.Pack(text)), text);
}

TEST(DictionaryPacker, HardlyNeedsRoomForWhatTheDictionaryHas) {
  std::string dictionary;
  for (int i = 0; i < 500; ++i) dictionary += "word " + std::to_string(i * i) + " ";
  EXPECT_LT(DictionaryPacker(dictionary).Pack(dictionary).size(),
            DictionaryPacker("").Pack(dictionary).size() / 5);
}

}  // namespace
}  // namespace web
