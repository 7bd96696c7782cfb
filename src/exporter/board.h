#pragma once

#include <array>
#include <boost/make_shared.hpp>
#include <boost/smart_ptr/atomic_shared_ptr.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics.h"

namespace exporter {

/// The rendered metrics of one homeserver: for every sample what stands behind its server_name
/// label, to the end of the line, in slices for the families of the catalogue. What stands before
/// it is the same for all samples of a family, or of a server, and two thirds of the text: the
/// scrape adds it. Immutable; rendered once at the end of a probe.
struct Block {
  std::string server_name;  // escaped, with its closing quote
  std::string tails;
  std::array<std::uint32_t, kMetricCount + 1> offsets{};  // slice i is [offsets[i], offsets[i + 1])
  std::array<std::uint16_t, kMetricCount> lines{};        // in each slice
  /// When the result is too old to be shown; absent before the first probe.
  std::optional<matrix_federation::SystemTime> stale_at;

  [[nodiscard]] std::string_view slice(std::size_t family) const {
    return std::string_view(tails).substr(offsets[family], offsets[family + 1] - offsets[family]);
  }
};

/// Boost's pointer, for its atomic form: that of GCC 12, std::atomic<std::shared_ptr>, releases its
/// lock without ordering, which is a data race.
using BlockPointer = boost::shared_ptr<const Block>;

BlockPointer RenderBlock(const ServerView& view);

/// One slot for each configured homeserver. The only thing that probe loops and the web thread
/// share: a probe's end swaps one slot, a scrape takes the pointers. Any thread.
class Board {
 public:
  explicit Board(std::size_t servers) : slots_(servers) {}

  void Publish(std::size_t server, BlockPointer block) { slots_[server].store(std::move(block)); }

  /// The current blocks in the order of the configuration.
  [[nodiscard]] std::vector<BlockPointer> Take() const;

 private:
  std::vector<boost::atomic_shared_ptr<const Block>> slots_;
};

/// The whole body of /metrics in text format 0.0.4: every family of the catalogue with its slices,
/// then `further` families as they are. What is stale at `now` is left out, save what is always
/// shown.
std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now);

}  // namespace exporter
