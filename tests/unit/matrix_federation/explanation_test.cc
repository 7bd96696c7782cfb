#include "matrix_federation/explanation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "explanations/families.h"
#include "matrix_federation/check.h"
#include "text.h"

namespace matrix_federation {
namespace {

// One text of an explanation or a check, with its place for the message of a failing test.
struct Text {
  std::string place;
  bool is_fix;
  std::string_view text;
};

std::vector<Text> AllTexts() {
  std::vector<Text> texts;
  const auto add = [&](std::string_view word, const Explanation& explanation) {
    texts.push_back({std::string(word) + " meaning", false, explanation.meaning});
    texts.push_back({std::string(word) + " why", false, explanation.why});
    texts.push_back({std::string(word) + " fix", true, explanation.fix});
  };
  for (const WordRow& row : kReasonRows) add(row.word, ExplanationOf(*ReasonOf(row.word)));
  for (const WordRow& row : kWarningRows) add(row.word, ExplanationOf(*WarningOf(row.word)));
  for (const Check* check : AllChecks()) {
    texts.push_back({std::string(check->name) + " why", false, check->why});
    texts.push_back({std::string(check->name) + " fix", true, check->fix});
  }
  return texts;
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string_view> ParagraphsOf(std::string_view text) {
  std::vector<std::string_view> paragraphs;
  while (!text.empty()) {
    paragraphs.push_back(FirstParagraph(text));
    text.remove_prefix(std::min(text.size(), paragraphs.back().size() + 2));
  }
  return paragraphs;
}

bool IsCode(std::string_view paragraph) { return paragraph.starts_with("    "); }

// What stands between backticks is for computers; the rest is for people.
std::string WithoutQuotedCode(std::string_view paragraph) {
  std::string prose;
  bool quoted = false;
  for (const char c : paragraph) {
    if (c == '`') quoted = !quoted;
    if (!quoted && c != '`') prose += c;
  }
  return prose;
}

std::size_t ColumnsOf(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

template <typename WordOf, std::size_t kWords>
void ExpectOneRowEach(std::span<const std::span<const Explained<WordOf>>> families,
                      const std::array<WordRow, kWords>& words) {
  std::array<int, kWords> rows{};
  for (const auto& family : families) {
    for (const auto& row : family) ++rows.at(static_cast<std::size_t>(row.word));
  }
  for (std::size_t i = 0; i < kWords; ++i) EXPECT_EQ(rows[i], 1) << "rows of " << words[i].word;
}

TEST(Explanations, HaveOneRowForEachReason) {
  ExpectOneRowEach<Reason>(ReasonFamilies(), kReasonRows);
}

TEST(Explanations, HaveOneRowForEachWarning) {
  ExpectOneRowEach<Warning>(WarningFamilies(), kWarningRows);
}

TEST(Explanations, AreFoundByTheirWord) {
  EXPECT_EQ(ReasonOf("tls_cert_expired"), Reason::kTlsCertExpired);
  EXPECT_EQ(WarningOf("clock_skew"), Warning::kClockSkew);
  EXPECT_EQ(ReasonOf("clock_skew"), std::nullopt);
  EXPECT_EQ(WarningOf(""), std::nullopt);
}

TEST(Explanations, GiveAWordOfBothListsTwoTexts) {
  EXPECT_NE(ExplanationOf(Reason::kSrvTargetNoAddress).meaning,
            ExplanationOf(Warning::kSrvTargetNoAddress).meaning);
}

TEST(Explanations, LeaveNoTextOut) {
  for (const auto& [place, is_fix, text] : AllTexts()) {
    EXPECT_GE(text.size(), is_fix ? 40U : 30U) << place;
    EXPECT_LE(text.size(), is_fix ? 1600U : 600U) << place;
  }
}

TEST(Explanations, AreWholeSentences) {
  for (const auto& [place, is_fix, text] : AllTexts()) {
    const auto paragraphs = ParagraphsOf(text);
    for (std::size_t i = 0; i < paragraphs.size(); ++i) {
      if (IsCode(paragraphs[i])) continue;
      const bool code_follows = i + 1 < paragraphs.size() && IsCode(paragraphs[i + 1]);
      const char last = paragraphs[i].empty() ? ' ' : paragraphs[i].back();
      EXPECT_TRUE(last == '.' || (last == ':' && code_follows)) << place << ": " << paragraphs[i];
    }
  }
}

TEST(Explanations, PartCodeFromProse) {
  for (const auto& [place, is_fix, text] : AllTexts()) {
    for (const std::string_view paragraph : ParagraphsOf(text)) {
      EXPECT_TRUE(is_fix || !IsCode(paragraph)) << place;
      for (const std::string& line : LinesOf(paragraph)) {
        EXPECT_EQ(IsCode(line), IsCode(paragraph)) << place << ": " << line;
      }
    }
  }
}

TEST(Explanations, FitATerminal) {
  for (const auto& [place, is_fix, text] : AllTexts()) {
    for (const std::string& line : LinesOf(text)) {
      EXPECT_LE(ColumnsOf(line), IsCode(line) ? 92U : 100U) << place << ": " << line;
      EXPECT_TRUE(IsPrintable(line)) << place << ": " << line;
      EXPECT_FALSE(line.ends_with(' ')) << place << ": " << line;
    }
  }
}

// Outside of code Markdown would take these for markup, or for an HTML element.
TEST(Explanations, AreSafeMarkdown) {
  for (const auto& [place, is_fix, text] : AllTexts()) {
    for (const std::string_view paragraph : ParagraphsOf(text)) {
      if (IsCode(paragraph)) continue;
      EXPECT_EQ(std::count(paragraph.begin(), paragraph.end(), '`') % 2, 0) << place;
      const std::string prose = " " + WithoutQuotedCode(paragraph);
      EXPECT_EQ(prose.find_first_of("<>*|[]#~\\"), std::string::npos) << place << ": " << prose;
      EXPECT_EQ(prose.find(" _"), std::string::npos) << place << ": " << prose;
      EXPECT_EQ(prose.find("://"), std::string::npos) << place << ": " << prose;
    }
  }
}

TEST(Explanations, BeginAFixWithItsShortForm) {
  for (const auto& [place, is_fix, text] : AllTexts()) {
    if (!is_fix) continue;
    const std::string_view brief = FirstParagraph(text);
    EXPECT_FALSE(IsCode(brief)) << place;
    EXPECT_TRUE(brief.ends_with('.')) << place << ": " << brief;
    EXPECT_LE(brief.size(), 220U) << place << ": " << brief;
  }
}

TEST(FirstParagraph, EndsAtTheFirstEmptyLine) {
  EXPECT_EQ(FirstParagraph("One\nand a half.\n\nTwo."), "One\nand a half.");
  EXPECT_EQ(FirstParagraph("One."), "One.");
  EXPECT_EQ(FirstParagraph(""), "");
}

}  // namespace
}  // namespace matrix_federation
