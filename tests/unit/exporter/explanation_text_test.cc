#include "exporter/explanation_text.h"

#include <gtest/gtest.h>

namespace exporter {
namespace {

TEST(LayOut, PutsTheLabelBeforeTheFirstLine) {
  EXPECT_EQ(LayOut("  Fix: ", "Reload it."), "  Fix: Reload it.\n");
}

TEST(LayOut, BreaksProseAtAHundredColumns) {
  const std::string head(49, 'x');
  const std::string fifty(50, 'y');
  EXPECT_EQ(LayOut("", head + " " + fifty), head + " " + fifty + "\n");
  EXPECT_EQ(LayOut("", head + " " + fifty + "y"), head + "\n" + fifty + "y\n");
  EXPECT_EQ(LayOut("> ", head + " " + fifty), "> " + head + "\n  " + fifty + "\n");
}

TEST(LayOut, JoinsTheLinesOfAParagraph) {
  EXPECT_EQ(LayOut("", "one\ntwo  three"), "one two three\n");
}

TEST(LayOut, KeepsCodeAsItIs) {
  EXPECT_EQ(LayOut("A: ", "Do:\n\n    if x\n        y  z\n\nDone."),
            "A: Do:\n\n       if x\n           y  z\n\n   Done.\n");
}

TEST(LayOut, CountsCharactersAndNotBytes) {
  const std::string umlauts = "\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc";
  std::string text;
  for (int i = 0; i < 9; ++i) text += umlauts + " ";
  EXPECT_EQ(LayOut("", text + "x"), text + "x\n");
}

TEST(LayOut, LeavesAWordThatIsTooLongWhole) {
  const std::string word(120, 'x');
  EXPECT_EQ(LayOut("  ", "a " + word + " b"), "  a\n  " + word + "\n  b\n");
}

TEST(LayOut, MakesALineOfNothing) { EXPECT_EQ(LayOut("  Fix: ", ""), "  Fix: \n"); }

TEST(ExplanationText, SaysWhatWhyAndHow) {
  EXPECT_EQ(ToText({.meaning = "It broke.", .why = "All wait.", .fix = "Mend it."}),
            "  What: It broke.\n  Why:  All wait.\n  Fix:  Mend it.\n");
}

}  // namespace
}  // namespace exporter
