#pragma once

#include <string>

#include "exporter/page/list_query.h"
#include "exporter/page/selection.h"

namespace exporter::page {

/// The page at "/": every homeserver, those that need somebody first.
std::string ListPage(const Selection& selection, const ListQuery& query,
                     const std::string& metrics_path, matrix_federation::SystemTime now);

/// What stands there instead when the query is wrong.
std::string ListMistakePage(const std::string& mistake, const std::string& metrics_path);

}  // namespace exporter::page
