#pragma once

#include <string>
#include <vector>

#include "exporter/settings.h"

namespace exporter {

/// Of the homeservers of a configuration, in its order.
inline std::vector<std::string> Names(const Settings& settings) {
  std::vector<std::string> names;
  for (const Homeserver& server : settings.homeservers) names.push_back(server.server_name);
  return names;
}

}  // namespace exporter
