#pragma once

#include <yaml-cpp/mark.h>

#include <optional>
#include <string>

namespace exporter {

/// Where a second YAML document begins, when there is one. Throws what the parser throws. For it,
/// YAML::LoadAll would do, but that never ends on `"a", b]`: it finds empty documents for ever.
std::optional<YAML::Mark> FindSecondDocument(const std::string& text);

}  // namespace exporter
