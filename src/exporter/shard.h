#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace exporter {

/// Which part of the homeservers an exporter watches when several share one list.
struct Shard {
  int ordinal = 0;  // from 0
  int count = 1;

  /// Whether the homeserver is this exporter's. Every one is exactly one's, and when the number of
  /// shards grows from n to n + 1, one in n + 1 moves, each of them to the new shard: a jump hash
  /// (Lamping and Veach, 2014) of the name.
  [[nodiscard]] bool Owns(std::string_view server_name) const {
    return OwnerOf(server_name) == ordinal;
  }

  /// The ordinal of the shard whose the homeserver is.
  [[nodiscard]] int OwnerOf(std::string_view server_name) const;

  bool operator==(const Shard&) const = default;
};

/// How many shards there may be.
inline constexpr int kShardsMax = 1000;

/// What --shard and --shards ask for: a number, or "auto" for the ordinal at the end of a
/// StatefulSet pod's host name ("exporter-3" is 3). false, with a sentence in `error`, when they
/// name no shard.
bool ResolveShard(const std::string& shard, int count, std::string_view host_name, Shard& out,
                  std::string& error);

/// This machine's host name; empty when it has none.
std::string HostName();

}  // namespace exporter
