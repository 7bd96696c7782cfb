#pragma once

#include <optional>
#include <string_view>

#include "exporter/api/standing.h"
#include "web/server.h"

namespace exporter {

/// The last result for a client that expects what is true now, and has no words for anything else:
/// of a configured homeserver, not stale. Otherwise the answer, a text: 404, or 503 with when the
/// next probe is due.
struct LastResult {
  std::optional<Standing> standing;
  web::Response refusal;  // when there is none
};

LastResult FindLastResult(const Board& board, std::string_view server_name,
                          matrix_federation::SystemTime now);

}  // namespace exporter
