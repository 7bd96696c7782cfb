#include "exporter/block.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace exporter {
namespace {

TEST(Block, ShowsEachFamilyAsText) {
  BlockWriter writer;
  writer.Begin(3, true);
  writer.Add(",check=\"a\"} ", "1");
  writer.Add(",check=\"b\"} ", "0");
  writer.Begin(35, false);
  writer.Add("} ", "0.5");
  const Block block{writer.Finish(), {}};
  EXPECT_EQ(block.TextOf(3), ",check=\"a\"} 1\n,check=\"b\"} 0\n");
  EXPECT_EQ(block.TextOf(35), "} 0.5\n");
  EXPECT_EQ(block.TextOf(4), "");
}

TEST(Block, HasNothingToShowAtFirst) { EXPECT_EQ(Block().TextOf(0), ""); }

TEST(Block, ShowsLongLabels) {
  for (const std::size_t size : {60U, 63U, 64U, 127U, 128U, 100'000U}) {
    const std::string labels = ",a=\"" + std::string(size, 'x') + "\"} ";
    for (const bool known : {false, true}) {
      BlockWriter writer;
      writer.Begin(0, known);
      writer.Add(labels, "1");
      EXPECT_EQ((Block{writer.Finish(), {}}.TextOf(0)), labels + "1\n");
    }
  }
}

TEST(Block, HoldsKnownLabelsByTheirNumber) {
  const auto size = [](bool known) {
    BlockWriter writer;
    writer.Begin(0, known);
    writer.Add(",check=\"certificate_is_trusted\"} ", "1");
    return writer.Finish().size();
  };
  EXPECT_LT(size(true) + 30, size(false));
}

TEST(BlockWriter, BeginsAnewAfterABlock) {
  BlockWriter writer;
  writer.Begin(7, false);
  writer.Add("} ", "1");
  writer.Finish();
  EXPECT_EQ(writer.Finish(), Block().bytes);
}

TEST(KnownLabels, KeepATextOnce) {
  const auto number = KnownLabels::NumberOf(",role=\"federation\"} ");
  ASSERT_TRUE(number);
  EXPECT_EQ(KnownLabels::NumberOf(",role=\"federation\"} "), number);
  EXPECT_NE(KnownLabels::NumberOf(",role=\"well_known\"} "), number);
  const KnownLabels::Text& text = KnownLabels::At(*number);
  EXPECT_EQ(std::string_view(text.bytes, text.size), ",role=\"federation\"} ");
}

// Fills the list; whether all is as it should be then.
bool WorksWhenFull() {
  const auto text = [](std::size_t i) { return ",full=\"" + std::to_string(i) + "\"} "; };
  std::size_t added = 0;
  while (added <= KnownLabels::kCountMax && KnownLabels::NumberOf(text(added))) ++added;
  BlockWriter writer;
  writer.Begin(0, true);
  writer.Add(text(0), "0");
  writer.Add(text(added), "1");
  const Block block{writer.Finish(), {}};
  return added <= KnownLabels::kCountMax &&
         block.TextOf(0) == text(0) + "0\n" + text(added) + "1\n";
}

// In a process of its own: what is full stays full.
TEST(KnownLabels, LeaveFurtherTextsToTheBlocksWhenTheyAreFull) {
  EXPECT_EXIT(std::exit(WorksWhenFull() ? 0 : 1), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace exporter
