#pragma once

#include <atomic>
#include <boost/make_shared.hpp>
#include <boost/smart_ptr/atomic_shared_ptr.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/block.h"
#include "exporter/metrics.h"
#include "exporter/other_shards.h"
#include "exporter/snapshot.h"

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

  void Publish(BlockPointer block, SnapshotPointer snapshot = nullptr) {
    snapshot_.store(std::move(snapshot));
    block_.store(std::move(block));
    publications_.fetch_add(1);
  }
  [[nodiscard]] BlockPointer Take() const { return block_.load(); }
  /// nullptr before the first probe.
  [[nodiscard]] SnapshotPointer TakeSnapshot() const { return snapshot_.load(); }

  /// When the next probe is due, as far as is known; the epoch while it is not.
  void set_next_due(matrix_federation::SystemTime time) { next_due_ = time.time_since_epoch(); }
  [[nodiscard]] matrix_federation::SystemTime next_due() const {
    return matrix_federation::SystemTime(next_due_.load());
  }

  /// How often any slot was published to: while it stays, no slot has changed.
  [[nodiscard]] static std::uint64_t publications() { return publications_.load(); }

 private:
  static std::atomic<std::uint64_t> publications_;

  boost::atomic_shared_ptr<const Block> block_;
  boost::atomic_shared_ptr<const Snapshot> snapshot_;
  std::atomic<matrix_federation::SystemTime::duration> next_due_;
};

/// The families of the configuration, and the name of which everything is said.
struct ConfiguredBlock : Block {
  std::string server_name;  // escaped, with its closing quote
};

std::shared_ptr<const ConfiguredBlock> RenderConfigured(const Homeserver& server);

/// A configured homeserver as scrapes and pages show it.
struct Row {
  std::shared_ptr<const ConfiguredBlock> configured;
  std::shared_ptr<const Homeserver> server;
  std::size_t loop = 0;    // which probe loop has it,
  std::size_t number = 0;  // and under which number
  std::shared_ptr<ResultSlot> slot = std::make_shared<ResultSlot>();
};

/// A row of a homeserver that no loop has yet.
Row MakeRow(Homeserver server);

/// All rows in the order of the configuration. A reload replaces them as a whole, so that no scrape
/// sees half of it; what did not change keeps its slot. The web thread's.
class Board {
 public:
  /// Returns the rows that were there, for the caller to destroy where nobody waits for it.
  std::vector<Row> Replace(std::vector<Row> rows, OtherShards others = {});

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

  /// The row of a homeserver, by its name to the letter; nullptr when it is not configured.
  [[nodiscard]] const Row* Find(std::string_view server_name) const;

  /// Where those are that are configured and not here.
  [[nodiscard]] const OtherShards& others() const { return others_; }

  /// How often the rows were replaced.
  [[nodiscard]] std::uint64_t replacements() const { return replacements_; }

 private:
  std::uint64_t replacements_ = 0;
  std::vector<Row> rows_;
  OtherShards others_;
  std::unordered_map<std::string_view, std::size_t> places_;  // of the names in rows_
};

}  // namespace exporter
