#include "exporter/api/last_result.h"

#include <algorithm>
#include <chrono>

#include "exporter/api/answers.h"
#include "exporter/api/lookup.h"
#include "exporter/api/timestamp.h"

namespace exporter {
namespace {

using matrix_federation::SystemTime;

// A probe that is due takes a while.
constexpr std::chrono::seconds kSoon{5};

web::Response Later(const Standing& standing, SystemTime now, std::string text) {
  const auto next = standing.next_check.value_or(now);
  return RetryAfter(web::Text(503, std::move(text)),
                    std::max<SystemTime::duration>(next - now, {}) + kSoon);
}

}  // namespace

LastResult FindLastResult(const Board& board, std::string_view server_name, SystemTime now) {
  const Row* const row = board.Find(server_name);
  if (row == nullptr) {
    return {.refusal = web::Text(404, WhyAbsent(board, server_name).sentence + "\n")};
  }
  Standing standing = StandingOf(*row, now);
  if (standing.last == nullptr) {
    return {.refusal = Later(standing, now, row->server->server_name + " was not checked yet\n")};
  }
  if (standing.stale) {
    return {.refusal =
                Later(standing, now,
                      "the last result of " + row->server->server_name + " is stale: it is of " +
                          ToTimestamp(standing.last->finished_at) + "\n")};
  }
  return {.standing = std::move(standing)};
}

}  // namespace exporter
