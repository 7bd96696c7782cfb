#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace exporter {

/// Durations as operators write them in Prometheus' world: "90s", "5m", "1h30m", "250ms", "1d".
/// Units d, h, m, s, ms, each at most once, in falling order. nullopt for anything else.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

/// The shortest spelling that ParseDuration reads back.
std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace exporter
