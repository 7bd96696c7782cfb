#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/known_labels.h"
#include "matrix_federation/certificate.h"

namespace exporter {

/// The samples of one homeserver, small, since a scrape has to fetch the blocks of all homeservers
/// from memory: neither family nor server name, which the scrape adds, and of most labels only
/// their number. Immutable once it is published.
///
/// For each family that has samples, in the order of the catalogue: its number (a byte), how many
/// bytes its samples take, the samples. At the end a byte kEnd and, behind samples, room for
/// WideCopy. A sample is its labels (a number n: if it is odd the known labels n / 2, else n / 2
/// bytes of text follow), the size of its value, the value's text. Numbers without a size are in
/// LEB128: seven bits a byte, low ones first.
struct Block {
  static constexpr char kEnd = '\xff';

  std::string bytes{kEnd};
  /// When the result is too old to be shown; absent before the first probe.
  std::optional<matrix_federation::SystemTime> stale_at;

  /// The samples of a family as text: of each what stands behind its server_name label, to the end
  /// of its line.
  [[nodiscard]] std::string TextOf(std::size_t family) const;
};

/// Makes the bytes of blocks, one block after another: family after family in the order of the
/// catalogue.
class BlockWriter {
 public:
  /// The samples that follow are of this family; `known_labels` says whether the values of its
  /// labels are the program's own.
  void Begin(std::size_t family, bool known_labels);

  /// `labels` is what stands between server_name and the value, as `,check="…"} `; a value is a
  /// number, so shorter than 256 bytes.
  void Add(std::string_view labels, std::string_view value);

  /// The bytes of the block. What follows is of another one.
  std::string Finish();

 private:
  void EndFamily();

  std::string bytes_;
  std::string samples_;  // of the family
  std::size_t family_ = 0;
  bool known_labels_ = false;
};

/// What a sample takes at least: numbers of its labels and its size, a digit.
inline constexpr std::size_t kSampleMin = 3;

/// How many bytes a number takes at most.
inline constexpr std::size_t kNumberRoom = 10;

/// Writes a number as a block has it, and returns where it ends.
inline char* PutNumber(std::size_t number, char* to) {
  for (; number >= 0x80; number >>= 7) *to++ = static_cast<char>(number | 0x80);
  *to++ = static_cast<char>(number);
  return to;
}

/// Appends a number as a block has it.
void AddNumber(std::size_t number, std::string& to);

// Reading. What takes something from a block's bytes moves `at` behind it. They are well-formed.

inline std::size_t TakeNumber(const char*& at) {
  std::size_t number = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    number |= std::size_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return number;
  }
}

struct Sample {
  std::string_view labels;
  std::string_view value;
};

inline Sample TakeSample(const char*& at) {
  const std::size_t number = TakeNumber(at);
  Sample sample;
  if (number % 2 == 1) {
    const KnownLabels::Text& known = KnownLabels::At(number / 2);
    sample.labels = {known.bytes, known.size};
  } else {
    sample.labels = {at, number / 2};
    at += number / 2;
  }
  const std::size_t size = static_cast<unsigned char>(*at++);
  sample.value = {at, size};
  at += size;
  return sample;
}

}  // namespace exporter
