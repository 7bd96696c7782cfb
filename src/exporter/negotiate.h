#pragma once

#include <string_view>

#include "exporter/exposition_text.h"

namespace exporter {

/// The exposition format that a client with this Accept header likes best; the text format for who
/// does not care or takes neither.
Format NegotiateFormat(std::string_view accept);

}  // namespace exporter
