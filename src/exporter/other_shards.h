#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/settings.h"
#include "exporter/shard.h"

namespace exporter {

/// The homeservers of the list that other shards watch, so that whoever asks the wrong shard is
/// told which is the right one. Of their names it keeps hashes: the names of 200,000 would be tens
/// of megabytes.
class OtherShards {
 public:
  OtherShards() = default;
  OtherShards(Shard own, const std::vector<Homeserver>& list);

  /// "belongs to shard 2 of 3; this is shard 0"; empty where the homeserver is not in the list, or
  /// is this shard's.
  [[nodiscard]] std::string WhereIs(std::string_view server_name) const;

 private:
  Shard own_;
  std::vector<std::uint64_t> hashes_;  // sorted
};

}  // namespace exporter
