#pragma once

#include <cstdint>
#include <string_view>

namespace exporter {

/// Stands in for chance wherever homeservers are spread, over time or over probe loops: the same in
/// every run and on every machine, and far apart for neighbouring names ("hs1", "hs2"). Also what
/// is remembered of names in their place, beyond the end of a run.
std::uint64_t NameHash(std::string_view name);

}  // namespace exporter
