#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/board.h"
#include "exporter/exposition_text.h"

namespace exporter {

/// The homeservers' part of /metrics as it was at one moment: every family of the catalogue with
/// the slices of all blocks. What is stale by then is left out, save what is always shown.
///
/// It is rendered in parts, since all of it is large: 400 MB of 50,000 homeservers. A part is
/// several families, or some of the rows of a large one. Within a part each family has a cursor of
/// its own, so that a row's block is visited once a part and not once a family.
class Exposition {
 public:
  /// Parts have about `part_size` bytes or less.
  Exposition(const Board& board, Format format, matrix_federation::SystemTime now,
             std::size_t part_size = kPartSize);

  /// The next part, which stays until the one after it; empty when there is none left.
  [[nodiscard]] std::string_view Next();

  /// Until when another rendering would show the same of the same blocks: then a result is stale.
  [[nodiscard]] matrix_federation::SystemTime same_until() const { return same_until_; }

  static constexpr std::size_t kPartSize = std::size_t{16} * 1024 * 1024;

 private:
  /// A row at that moment.
  struct Shown {
    std::shared_ptr<const ConfiguredBlock> configured;
    BlockPointer result;
    std::string_view name;  // in names_
    bool probed;
    bool fresh;
  };
  /// A family, and what stands before the server's name in each of its samples.
  struct Family {
    Freshness freshness;
    std::string header;
    std::string prefix;
    std::size_t size = 0;  // of its samples
  };

  [[nodiscard]] static const Block* BlockOf(const Shown& row, Freshness freshness);
  [[nodiscard]] std::size_t SizeOf(const Shown& row, std::size_t family) const;
  char* Write(const Shown& row, std::size_t family, char* to) const;
  void PrefetchBlock(std::size_t row, std::size_t begin, std::size_t end) const;
  void PrefetchSlices(std::size_t row, std::size_t begin, std::size_t end) const;
  void TakeRows(const Board& board, matrix_federation::SystemTime now);
  void Measure();
  char* Reserve(std::size_t size);
  std::string_view RenderFamilies(std::size_t end);
  std::string_view RenderRows();

  std::vector<Shown> rows_;
  std::vector<char> names_;  // side by side, since every sample needs one
  std::vector<Family> families_;
  std::size_t part_size_;
  matrix_federation::SystemTime same_until_ = matrix_federation::SystemTime::max();
  std::size_t next_family_ = 0;
  std::size_t next_row_ = 0;  // of a family that is rendered in several parts
  // Not a string: filling it with zeros would be as much work as the rendering.
  std::unique_ptr<char[]> part_;
  std::size_t capacity_ = 0;
};

/// The whole body of /metrics at once: the homeservers' part, `further` families and the end.
std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now, Format format = Format::kText);

}  // namespace exporter
