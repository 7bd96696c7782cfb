#pragma once

#include <string>
#include <string_view>

namespace exporter {

/// JSON with one member or element a line, indented by two spaces, as Go's json.MarshalIndent
/// writes it: "<", ">" and "&" are escaped, empty objects and arrays stay on one line. Members keep
/// their order and numbers their digits. `json` is valid.
std::string Indent(std::string_view json);

}  // namespace exporter
