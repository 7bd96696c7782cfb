#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/board.h"
#include "exporter/exposition_text.h"

namespace exporter {

/// The homeservers' part of /metrics as it was at one moment: every family of the catalogue with
/// the samples of all blocks. What is stale by then is left out, save what is always shown.
///
/// Blocks lie all over the memory, and waiting for it would be nearly all of the work. So each is
/// fetched once: its samples, small as they are in a block, are copied behind those of the rows
/// before it, family by family. From there they are rendered in parts, since all of it is large:
/// 400 MB of 50,000 homeservers. What is gathered is a sixth of that.
class Exposition {
 public:
  /// A part ends with the row that fills it up to `part_size` bytes.
  Exposition(const Board& board, Format format, matrix_federation::SystemTime now,
             std::size_t part_size = kPartSize);

  /// The next part, which stays until the one after it; empty when there is none left.
  [[nodiscard]] std::string_view Next();

  /// Until when another rendering would show the same of the same blocks: then a result is stale.
  [[nodiscard]] matrix_federation::SystemTime same_until() const { return same_until_; }

  /// So that a part is still in the processor's cache when it is sent or compressed.
  static constexpr std::size_t kPartSize = std::size_t{256} * 1024;

 private:
  /// The samples of one family for some rows, one after another: of each row its number (32 bits),
  /// how many bytes its samples take (32 bits), the samples as in its block.
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::size_t capacity = 0;
  };

  void Gather(const std::vector<Row>& rows, matrix_federation::SystemTime now);
  void GatherRow(const ConfiguredBlock& configured, const Block& result,
                 matrix_federation::SystemTime now);
  void GatherBlock(const Block& block, std::size_t row, bool probed, bool fresh);
  void GatherSamples(std::size_t family, std::size_t row, std::string_view samples);
  [[nodiscard]] std::string_view NameOf(std::size_t row) const;
  void WriteChunk(const Chunk& chunk);
  void WriteSamples(std::string_view name, std::string_view samples);
  void BeginFamily();
  void Reserve(std::size_t more);

  std::string names_;  // of the rows, side by side, since every sample needs one; padded
  std::vector<std::size_t> name_ends_;
  std::array<std::deque<Chunk>, kMetricCount> gathered_;  // of each family
  Format format_;
  std::size_t part_size_;
  matrix_federation::SystemTime same_until_ = matrix_federation::SystemTime::max();

  std::size_t family_ = 0;  // the one that is being written
  std::size_t next_ = 0;    // where in its first chunk
  bool begun_ = false;      // whether its header is written
  std::string prefix_;      // what stands before the server's name in each of its samples, padded
  std::size_t prefix_size_ = 0;

  // Not a string: filling it with zeros would be as much work as the rendering.
  std::unique_ptr<char[]> part_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// The whole body of /metrics at once: the homeservers' part, `further` families and the end.
std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now, Format format = Format::kText);

}  // namespace exporter
