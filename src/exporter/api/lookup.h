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

/// That this homeserver is not configured, and which one may have been meant.
std::string NotConfigured(std::string_view name, std::string_view nearest);

}  // namespace exporter
