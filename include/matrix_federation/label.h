#pragma once

#include <string>
#include <string_view>

namespace matrix_federation {

/// A value from outside as a label value of an `_info` metric: valid UTF-8, no control characters,
/// at most kLabelLengthMax bytes. One bad byte, or one label over Prometheus' limit, would fail the
/// whole scrape.
std::string ToLabel(std::string_view value);

}  // namespace matrix_federation
