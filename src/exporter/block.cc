#include "exporter/block.h"

#include <array>

#include "exporter/wide_copy.h"

namespace exporter {

void AddNumber(std::size_t number, std::string& to) {
  std::array<char, kNumberRoom> bytes{};
  to.append(bytes.data(), PutNumber(number, bytes.data()));
}

std::string Block::TextOf(std::size_t family) const {
  std::string text;
  const char* at = bytes.data();
  while (*at != kEnd) {
    const auto present = static_cast<unsigned char>(*at++);
    const std::size_t size = TakeNumber(at);
    const char* const end = at + size;
    while (present == family && at < end) {
      const Sample sample = TakeSample(at);
      text += sample.labels;
      text += sample.value;
      text.push_back('\n');
    }
    at = end;
  }
  return text;
}

void BlockWriter::Begin(std::size_t family, bool known_labels) {
  EndFamily();
  family_ = family;
  known_labels_ = known_labels;
}

void BlockWriter::Add(std::string_view labels, std::string_view value) {
  const auto known = known_labels_ ? KnownLabels::NumberOf(labels) : std::nullopt;
  if (known) {
    AddNumber(*known * 2 + 1, samples_);
  } else {
    AddNumber(labels.size() * 2, samples_);
    samples_ += labels;
  }
  samples_.push_back(static_cast<char>(value.size()));
  samples_ += value;
}

std::string BlockWriter::Finish() {
  EndFamily();
  if (bytes_.empty()) return Block().bytes;
  bytes_.push_back(Block::kEnd);
  bytes_.append(kWideStep, '\0');
  // A copy has the size that it needs.
  std::string bytes = bytes_;
  bytes_.clear();
  return bytes;
}

void BlockWriter::EndFamily() {
  if (samples_.empty()) return;
  bytes_.push_back(static_cast<char>(family_));
  AddNumber(samples_.size(), bytes_);
  bytes_ += samples_;
  samples_.clear();
}

}  // namespace exporter
