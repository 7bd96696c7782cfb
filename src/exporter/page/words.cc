#include "exporter/page/words.h"

#include <algorithm>
#include <array>

#include "matrix_federation/reason.h"

namespace exporter::page {
namespace {

template <typename Rows>
std::string_view SentenceOf(std::string_view word, const Rows& rows) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.word == word; });
  return found == rows.end() ? std::string_view() : found->sentence;
}

struct Method {
  std::string_view word;
  std::string_view words;
};
constexpr std::array kMethods = {Method{"ip_literal", "its address"},
                                 Method{"explicit_port", "the port of its name"},
                                 Method{"well_known", ".well-known"},
                                 Method{"well_known_srv", ".well-known and SRV"},
                                 Method{"srv", "SRV"},
                                 Method{"default_port", "the default port"}};

}  // namespace

std::string Spaced(std::string_view word) {
  std::string spaced(word);
  std::replace(spaced.begin(), spaced.end(), '_', ' ');
  return spaced;
}

std::string Sentence(std::string_view text) {
  std::string sentence(text);
  if (sentence.empty()) return sentence;
  // A name at the beginning, like a path, keeps its letters.
  const std::string_view first_word = text.substr(0, text.find(' '));
  const bool is_word = std::all_of(first_word.begin(), first_word.end(),
                                   [](char c) { return c >= 'a' && c <= 'z'; });
  if (is_word) sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  if (std::string_view(".!?:").find(sentence.back()) == std::string_view::npos) sentence += '.';
  return sentence;
}

std::string_view WarningSentence(std::string_view word) {
  return SentenceOf(word, matrix_federation::kWarningRows);
}

std::string_view ReasonSentence(std::string_view word) {
  return SentenceOf(word, matrix_federation::kReasonRows);
}

std::string MethodWords(std::string_view method) {
  const auto* const found = std::find_if(kMethods.begin(), kMethods.end(),
                                         [&](const Method& each) { return each.word == method; });
  return found == kMethods.end() ? Spaced(method) : std::string(found->words);
}

std::string Counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace exporter::page
