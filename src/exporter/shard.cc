#include "exporter/shard.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "exporter/name_hash.h"

namespace exporter {
namespace {

int JumpHash(std::uint64_t key, int buckets) {
  std::int64_t last = -1;
  for (std::int64_t next = 0; next < buckets;) {
    last = next;
    key = key * 2862933555777941757ULL + 1;
    next = static_cast<std::int64_t>(
        static_cast<double>(last + 1) *
        (static_cast<double>(1LL << 31) / static_cast<double>((key >> 33) + 1)));
  }
  return static_cast<int>(last);
}

// Larger numbers than there can be shards are the largest int.
std::optional<int> Number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<int>::max();
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<int> OrdinalOf(std::string_view host_name) {
  const std::string_view first = host_name.substr(0, host_name.find('.'));
  const std::size_t dash = first.rfind('-');
  return dash == std::string_view::npos ? std::nullopt : Number(first.substr(dash + 1));
}

}  // namespace

int Shard::OwnerOf(std::string_view server_name) const {
  return count == 1 ? 0 : JumpHash(NameHash(server_name), count);
}

bool ResolveShard(const std::string& shard, int count, std::string_view host_name, Shard& out,
                  std::string& error) {
  const bool automatic = shard == "auto";
  const auto ordinal = automatic ? OrdinalOf(host_name) : Number(shard);
  if (!ordinal) {
    error = automatic ? "--shard=auto: the host name '" + std::string(host_name) +
                            "' does not end in a dash and a number, as a StatefulSet pod's does; "
                            "give the number itself"
                      : "--shard: '" + shard + "' is neither a number nor auto";
    return false;
  }
  if (*ordinal >= count) {
    error = "--shard=" + shard + (automatic ? " is " + std::to_string(*ordinal) : "") +
            ", but --shards=" + std::to_string(count) + " allows 0 to " +
            std::to_string(count - 1) + " only";
    return false;
  }
  out = {*ordinal, count};
  return true;
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace exporter
