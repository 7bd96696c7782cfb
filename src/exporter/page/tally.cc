#include "exporter/page/tally.h"

#include <numeric>

#include "exporter/page/words.h"

namespace exporter::page {

std::size_t SumOf(const Tally& tally) {
  return std::accumulate(tally.begin(), tally.end(), std::size_t{0});
}

Tally TallyOf(const std::vector<Row>& rows, matrix_federation::SystemTime now) {
  Tally tally{};
  for (const Row& row : rows) ++CountOf(tally, MakeEntry(row, now).state);
  return tally;
}

std::string Headline(const Tally& all) {
  const std::size_t total = SumOf(all);
  const std::size_t failing = CountOf(all, State::kFailing);
  const std::size_t unknown = CountOf(all, State::kUnknown);
  if (total == 0) return "No homeserver is configured";
  if (failing != 0 && total == 1) return "The homeserver cannot be reached";
  if (failing != 0) {
    return std::to_string(failing) + " of " + Counted(total, "homeserver") + " cannot be reached";
  }
  if (unknown == total) return Counted(total, "homeserver") + ", and no fresh result yet";
  if (unknown != 0) {
    return std::to_string(total - unknown) + " of " + Counted(total, "homeserver") +
           " can be reached";
  }
  return total == 1 ? "The homeserver can be reached"
                    : "All " + std::to_string(total) + " homeservers can be reached";
}

}  // namespace exporter::page
