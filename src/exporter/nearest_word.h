#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace exporter {

/// Of `candidates` the one that `word` was most probably meant to be; empty when none is near.
std::string NearestWord(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace exporter
