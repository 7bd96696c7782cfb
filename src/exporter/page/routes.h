#pragma once

#include <string>
#include <vector>

#include "exporter/board.h"
#include "web/server.h"

namespace exporter::page {

/// The status page for people: the list at "/", the pages of the homeservers below "/servers/", and
/// their style and script. The board must outlive them. `telemetry_path` is where the metrics are.
std::vector<web::Route> Routes(const Board& board, const std::string& telemetry_path);

}  // namespace exporter::page
