// The order of versions: the input is three lines, a version each. It is an order: every version
// equals itself, and two comparisons never contradict a third.

#include <array>

#include "matrix_federation/server_version.h"
#include "property.h"

using fuzz::Require;
using matrix_federation::Compare;
using matrix_federation::SoftwareVersion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::SplitLines(fuzz::ToText(data, size), 3);
  std::array<SoftwareVersion, 3> versions;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto version = SoftwareVersion::Parse(lines[i]);
    if (!version) return 0;
    Require(!version->release.empty(), "a version has a release");
    Require(Compare(*version, *version) == 0, "a version equals itself");
    versions.at(i) = *version;
  }
  const auto& [a, b, c] = versions;
  Require((Compare(a, b) < 0) == (Compare(b, a) > 0), "older one way is newer the other");
  if (Compare(a, b) <= 0 && Compare(b, c) <= 0) {
    Require(Compare(a, c) <= 0, "older than the older is older");
  }
  const std::map<std::string, std::string> latest{{"Synapse", std::string(lines[1])}};
  Require(matrix_federation::IsOutdated("synapse", lines[0], latest) == (Compare(a, b) < 0),
          "outdated means older than the latest");
  return 0;
}
