#include "exporter/other_shards.h"

#include <algorithm>

#include "exporter/name_hash.h"

namespace exporter {

OtherShards::OtherShards(Shard own, const std::vector<Homeserver>& list) : own_(own) {
  for (const Homeserver& server : list) {
    if (!own.Owns(server.server_name)) hashes_.push_back(NameHash(server.server_name));
  }
  std::sort(hashes_.begin(), hashes_.end());
}

std::string OtherShards::WhereIs(std::string_view server_name) const {
  if (!std::binary_search(hashes_.begin(), hashes_.end(), NameHash(server_name))) return {};
  return "belongs to shard " + std::to_string(own_.OwnerOf(server_name)) + " of " +
         std::to_string(own_.count) + "; this is shard " + std::to_string(own_.ordinal);
}

}  // namespace exporter
