#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/board.h"
#include "exporter/settings.h"
#include "web/server.h"

namespace exporter {

/// What the API speaks of; all of it outlives the routes.
struct ApiSources {
  const Board& board;
  std::function<std::shared_ptr<const Settings>()> settings;  // in force; its list is not looked at
  std::function<void(const Row& row)> probe_now;
  std::string external_url;  // as in CommandLine
};

/// The paths for programs: docs/http.md tells what each answers.
std::vector<web::Route> ApiRoutes(ApiSources sources);

}  // namespace exporter
