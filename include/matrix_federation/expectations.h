#pragma once

#include <string>
#include <vector>

namespace matrix_federation {

/// What an operator expects of a homeserver beyond "federation works" (configuration: `expect`).
/// Empty members expect nothing. Plain data.
struct Expectations {
  std::string delegation;        // a server name: where discovery has to lead
  std::string software;          // the implementation's name, case aside
  std::string min_version;       // as in `version` of /version
  std::vector<int> ip_versions;  // 4, 6: each needs a working address

  bool operator==(const Expectations&) const = default;
};

}  // namespace matrix_federation
