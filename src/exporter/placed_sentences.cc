#include "exporter/placed_sentences.h"

#include <algorithm>
#include <utility>

#include "matrix_federation/label.h"

namespace exporter {

std::string Place::ToString() const {
  return std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

void PlacedSentences::Add(const Place& place, std::string_view key, const std::string& what) {
  const std::string about = key.empty() ? "" : std::string(key) + ": ";
  sentences_.push_back({{place.order, place.line, place.column},
                        place.ToString() + matrix_federation::ToSentence(about + what)});
}

std::vector<std::string> PlacedSentences::Take() {
  std::stable_sort(sentences_.begin(), sentences_.end(),
                   [](const Sentence& a, const Sentence& b) { return a.order < b.order; });
  std::vector<std::string> texts;
  texts.reserve(sentences_.size());
  for (Sentence& sentence : sentences_) texts.push_back(std::move(sentence.text));
  sentences_.clear();
  return texts;
}

}  // namespace exporter
