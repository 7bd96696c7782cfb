#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fuzz {

/// nlohmann's own tree, the other reader that ours is compared with: with numbers as wide as ours,
/// or it would refuse 1e400.
using WideJson = nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t,
                                      std::uint64_t, long double>;

}  // namespace fuzz
