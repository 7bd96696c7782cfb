#pragma once

#include <string>
#include <string_view>

#include "exporter/board.h"

namespace exporter {

/// Of the configured homeservers the one that `name` was most probably meant to be: another case,
/// the domain of a host below it ("example.org" for "matrix.example.org") or the other way round,
/// or a slip within it. Empty when none is near. Bounded: of 200,000 it compares few letter by
/// letter.
std::string NearestHomeserver(const Board& board, std::string_view name);

/// Why the board has no row of this name.
struct Absence {
  std::string sentence;  // without a full stop
  std::string nearest;   // which one may have been meant; empty where that is not the question
};

/// That the homeserver is not configured, or that it is another shard's.
Absence WhyAbsent(const Board& board, std::string_view name);

}  // namespace exporter
