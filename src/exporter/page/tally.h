#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "exporter/page/entry.h"

namespace exporter::page {

/// How many homeservers are in each state.
using Tally = std::array<std::size_t, kStates.size()>;

[[nodiscard]] inline std::size_t& CountOf(Tally& tally, State state) {
  return tally.at(static_cast<std::size_t>(state));
}
[[nodiscard]] inline std::size_t CountOf(const Tally& tally, State state) {
  return tally.at(static_cast<std::size_t>(state));
}
[[nodiscard]] std::size_t SumOf(const Tally& tally);

/// Of all rows at this moment; 50,000 take milliseconds.
Tally TallyOf(const std::vector<Row>& rows, matrix_federation::SystemTime now);

/// The one sentence for whoever passes by: "3 of 412 homeservers cannot be reached".
std::string Headline(const Tally& all);

}  // namespace exporter::page
