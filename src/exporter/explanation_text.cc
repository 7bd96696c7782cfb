#include "exporter/explanation_text.h"

#include <algorithm>

namespace exporter {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::string_view kCodeIndent = "    ";

// Characters, as far as a terminal gives each one column.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

// Takes what stands before the next of `separators`, and that one with it.
std::string_view TakeUntil(std::string_view& text, std::string_view separators) {
  const std::size_t end = std::min(text.find_first_of(separators), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

// One text line by line; every line but the first begins with the indent.
class Page {
 public:
  explicit Page(std::string_view label) : line_(label), indent_(Width(label), ' ') {}

  void AddProse(std::string_view paragraph) {
    bool first = true;
    while (!paragraph.empty()) {
      const std::string_view word = TakeUntil(paragraph, " \n");
      if (word.empty()) continue;
      if (!first && Width(line_) + 1 + Width(word) > kColumns) {
        EndLine();
        first = true;
      }
      line_ += (first ? "" : " ") + std::string(word);
      first = false;
    }
    EndLine();
  }

  void AddCode(std::string_view paragraph) {
    while (!paragraph.empty()) {
      line_ += TakeUntil(paragraph, "\n");
      EndLine();
    }
  }

  void AddEmptyLine() {
    line_.clear();
    EndLine();
  }

  std::string Finish() { return std::move(out_); }

 private:
  void EndLine() {
    out_ += line_ + "\n";
    line_ = indent_;
  }

  std::string line_;
  std::string indent_;
  std::string out_;
};

}  // namespace

std::string LayOut(std::string_view label, std::string_view text) {
  Page page(label);
  bool first = true;
  while (first || !text.empty()) {
    if (!first) page.AddEmptyLine();
    first = false;
    const std::string_view paragraph = matrix_federation::FirstParagraph(text);
    text.remove_prefix(std::min(paragraph.size() + 2, text.size()));
    if (paragraph.starts_with(kCodeIndent)) {
      page.AddCode(paragraph);
    } else {
      page.AddProse(paragraph);
    }
  }
  return page.Finish();
}

std::string ToText(const matrix_federation::Explanation& explanation) {
  return LayOut("  What: ", explanation.meaning) + WhyAndFix(explanation.why, explanation.fix);
}

std::string WhyAndFix(std::string_view why, std::string_view fix) {
  return LayOut("  Why:  ", why) + LayOut("  Fix:  ", fix);
}

}  // namespace exporter
