#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/board.h"
#include "exporter/page/moment.h"

namespace exporter::page {

/// The page of one homeserver: the verdict, what to do, the way that discovery took, and what was
/// seen on it.
std::string ServerPage(const Row& row, const std::string& metrics_path, SystemTime now);

/// What stands there for a name that is not configured: the names that may have been meant, up to
/// five; or which shard has it. `root` leads to the first page.
std::string UnknownServerPage(const std::string& name, const Board& board, const std::string& root,
                              const std::string& metrics_path);

}  // namespace exporter::page
