#include "exporter/known_labels.h"

#include <mutex>
#include <unordered_map>

namespace exporter {

KnownLabels::Text KnownLabels::texts_[kCountMax];

std::optional<std::size_t> KnownLabels::NumberOf(std::string_view text) {
  static std::mutex mutex;
  static std::unordered_map<std::string_view, std::size_t> numbers;
  const std::lock_guard lock(mutex);
  const auto found = numbers.find(text);
  if (found != numbers.end()) return found->second;
  const std::size_t number = numbers.size();
  if (number == kCountMax || text.size() > sizeof Text::bytes) return std::nullopt;
  Text& entry = texts_[number];
  entry.size = static_cast<std::uint8_t>(text.size());
  text.copy(entry.bytes, text.size());
  numbers.emplace(std::string_view(entry.bytes, entry.size), number);
  return number;
}

}  // namespace exporter
