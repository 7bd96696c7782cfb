#include "exporter/explain_command.h"

#include <iostream>
#include <span>

#include "exporter/check_command.h"
#include "exporter/explanation_text.h"
#include "exporter/nearest_word.h"
#include "matrix_federation/check.h"

namespace exporter {
namespace {

using matrix_federation::AllChecks;
using matrix_federation::Check;
using matrix_federation::kReasonRows;
using matrix_federation::kWarningRows;
using matrix_federation::WordRow;

std::string Join(std::span<const std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words) {
    joined += (joined.empty() ? "" : ", ") + std::string(word);
  }
  return joined;
}

std::vector<std::string_view> ChecksWith(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Check* check : AllChecks()) {
    if (check->Declares(word)) names.push_back(check->name);
  }
  return names;
}

std::string TextOf(const WordRow& row, std::string_view list,
                   const matrix_federation::Explanation& explanation) {
  return std::string(row.word) + " (" + std::string(list) + "): " + std::string(row.sentence) +
         "\n\n" + ToText(explanation) + "\n" + LayOut("  Found by: ", Join(ChecksWith(row.word)));
}

std::string TextOf(const Check& check) {
  std::string text = std::string(check.name) + " (check, " + std::string(Word(check.severity)) +
                     ")\n\n" + LayOut("  What: ", check.summary) + WhyAndFix(check.why, check.fix) +
                     "\n" + LayOut("  Fails with: ", Join(check.codes));
  if (!check.remarks.empty()) text += LayOut("  May remark: ", Join(check.remarks));
  return text + LayOut("  Source:     ", check.citation);
}

// Everything of that name: srv_target_no_address is a reason and a warning.
std::vector<std::string> TextsOf(std::string_view word) {
  std::vector<std::string> texts;
  if (const auto reason = matrix_federation::ReasonOf(word)) {
    texts.push_back(TextOf(kReasonRows.at(static_cast<std::size_t>(*reason)), "reason",
                           ExplanationOf(*reason)));
  }
  if (const auto warning = matrix_federation::WarningOf(word)) {
    texts.push_back(TextOf(kWarningRows.at(static_cast<std::size_t>(*warning)), "warning",
                           ExplanationOf(*warning)));
  }
  for (const Check* check : AllChecks()) {
    if (check->name == word) texts.push_back(TextOf(*check));
  }
  return texts;
}

std::string UnknownWord(const std::string& word) {
  std::vector<std::string_view> known;
  for (const WordRow& row : kReasonRows) known.push_back(row.word);
  for (const WordRow& row : kWarningRows) known.push_back(row.word);
  for (const Check* check : AllChecks()) known.push_back(check->name);
  const std::string nearest = NearestWord(word, known);
  return "'" + word + "' is no reason, warning or check" +
         (nearest.empty() ? "; --print-reasons and --print-checks list them"
                          : "; did you mean " + nearest + "?");
}

}  // namespace

Explained Explain(const std::vector<std::string>& words) {
  Explained explained;
  for (const std::string& word : words) {
    const auto texts = TextsOf(word);
    if (texts.empty()) explained.mistakes.push_back(UnknownWord(word));
    for (const std::string& text : texts) {
      explained.text += (explained.text.empty() ? "" : "\n") + text;
    }
  }
  if (!explained.mistakes.empty()) explained.text.clear();
  return explained;
}

int RunExplain(const CommandLine& line) {
  const Explained explained = Explain(line.names);
  for (const std::string& mistake : explained.mistakes) std::cerr << mistake << "\n";
  std::cout << explained.text << std::flush;
  return explained.mistakes.empty() && std::cout.good() ? kCheckAllWork : kCheckImpossible;
}

}  // namespace exporter
