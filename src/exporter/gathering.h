#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/board.h"
#include "exporter/metrics.h"

namespace exporter {

/// The samples of all blocks as they were at one moment, family by family, as /metrics shows them.
/// What is stale by then is left out, save what is always shown.
///
/// Blocks lie all over the memory, and waiting for it would be nearly all of the work of a scrape.
/// So each is fetched once: its samples, small as they are in a block, are copied behind those of
/// the rows before it. That takes about as much memory as the blocks. Gathering anew uses the same
/// memory again, since to get it from the system costs more than to fill it.
class Gathering {
 public:
  void Gather(const Board& board, matrix_federation::SystemTime now);

  /// Whether gathering again would give the same.
  [[nodiscard]] bool IsCurrent(const Board& board, matrix_federation::SystemTime now) const {
    return moment_.IsCurrent(board, now);
  }

  /// What was gathered of a family, row by row in their order. Of each row that has samples: how
  /// many rows it is behind the one before (the first: its number) and how many bytes its samples
  /// take, numbers as in a block; then the samples as in its block. All can be copied by WideCopy.
  [[nodiscard]] std::string_view Family(std::size_t family) const {
    return {families_[family].bytes.get(), families_[family].size};
  }

  /// As its configured block has it; likewise.
  [[nodiscard]] std::string_view NameOf(std::size_t row) const;

  /// Gives the memory back; whoever still reads from it has to stop.
  void Revoke();
  [[nodiscard]] bool is_revoked() const { return is_revoked_; }

  /// How much memory it takes, nearly.
  [[nodiscard]] std::size_t bytes() const;

  /// When something was gathered, and until when it is what the blocks say.
  struct Moment {
    std::uint64_t publications = 0;
    std::uint64_t replacements = 0;
    matrix_federation::SystemTime from;
    matrix_federation::SystemTime until;  // then a result is stale

    [[nodiscard]] bool IsCurrent(const Board& board, matrix_federation::SystemTime now) const;
  };
  [[nodiscard]] const Moment& moment() const { return moment_; }

 private:
  // Not a string: filling it with zeros would be as much work again.
  struct Samples {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::size_t capacity = 0;
    std::size_t row = 0;  // the last one

    void Add(std::size_t of_row, std::string_view samples);
    void Grow(std::size_t more);
  };

  void Clear();
  void AddRow(const ConfiguredBlock& configured, const Block& result);
  void AddBlock(const Block& block, std::size_t row, bool probed, bool fresh);

  std::array<Samples, kMetricCount> families_;
  std::string names_;  // of the rows, side by side, since every sample needs one
  std::vector<std::size_t> name_ends_;
  Moment moment_;
  bool is_revoked_ = false;
};

/// The gatherings of the scrapes that are under way: shared where the same would be gathered again,
/// and bounded, since each is large and a client may be slow. The web thread's.
class Gatherings {
 public:
  explicit Gatherings(const Board& board, std::size_t bytes_max = kGatheredMax)
      : board_(board), bytes_max_(bytes_max) {}

  /// What the blocks say now. Where all together would take more than `bytes_max`, the oldest are
  /// revoked, so that the slowest clients are cut off.
  [[nodiscard]] std::shared_ptr<const Gathering> Take(matrix_federation::SystemTime now);

  /// Five of 50,000 homeservers.
  static constexpr std::size_t kGatheredMax = std::size_t{256} * 1024 * 1024;

 private:
  std::shared_ptr<Gathering> TakeUnused();
  void RevokeTheOldest();

  const Board& board_;
  std::size_t bytes_max_;
  std::vector<std::shared_ptr<Gathering>> all_;  // the newest at the end
};

}  // namespace exporter
