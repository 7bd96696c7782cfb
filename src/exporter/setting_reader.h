#pragma once

#include <yaml-cpp/node/node.h>

#include <vector>

#include "exporter/settings.h"

namespace exporter {

/// Writes one YAML value into the member of `settings` that `setting` names; false when the value
/// cannot stand there. Of a list, the elements that cannot stand there are added to `wrong`.
bool ReadSetting(const YAML::Node& value, const Setting& setting, Settings& settings,
                 std::vector<YAML::Node>& wrong);

}  // namespace exporter
