#pragma once

#include <atomic>
#include <boost/make_shared.hpp>
#include <boost/smart_ptr/atomic_shared_ptr.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/block.h"
#include "exporter/metrics.h"

namespace exporter {

/// Boost's pointer, for its atomic form: that of GCC 12, std::atomic<std::shared_ptr>, releases its
/// lock without ordering, which is a data race.
using BlockPointer = boost::shared_ptr<const Block>;

/// The families of the probes, rendered once at the end of each.
BlockPointer RenderBlock(const ServerView& view);

/// Where the probes of one homeserver leave their result: a probe's end swaps the block, a scrape
/// takes it. All that probe loops and the web thread share of a homeserver. Any thread.
class ResultSlot {
 public:
  /// With the block of a homeserver that was never probed.
  ResultSlot();

  void Publish(BlockPointer block) {
    block_.store(std::move(block));
    publications_.fetch_add(1);
  }
  [[nodiscard]] BlockPointer Take() const { return block_.load(); }

  /// How often any slot was published to: while it stays, no slot has changed.
  [[nodiscard]] static std::uint64_t publications() { return publications_.load(); }

 private:
  static std::atomic<std::uint64_t> publications_;

  boost::atomic_shared_ptr<const Block> block_;
};

/// The families of the configuration, and the name of which everything is said.
struct ConfiguredBlock : Block {
  std::string server_name;  // escaped, with its closing quote
};

std::shared_ptr<const ConfiguredBlock> RenderConfigured(const Homeserver& server);

/// A configured homeserver as a scrape shows it.
struct Row {
  std::shared_ptr<const ConfiguredBlock> configured;
  std::shared_ptr<ResultSlot> slot = std::make_shared<ResultSlot>();
};

/// All rows in the order of the configuration. A reload replaces them as a whole, so that no scrape
/// sees half of it; what did not change keeps its slot. The web thread's.
class Board {
 public:
  /// Returns the rows that were there, for the caller to destroy where nobody waits for it.
  std::vector<Row> Replace(std::vector<Row> rows) {
    ++replacements_;
    return std::exchange(rows_, std::move(rows));
  }

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

  /// How often the rows were replaced.
  [[nodiscard]] std::uint64_t replacements() const { return replacements_; }

 private:
  std::uint64_t replacements_ = 0;
  std::vector<Row> rows_;
};

}  // namespace exporter
