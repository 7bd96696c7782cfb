#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

#include "conformance/vectors.h"
#include "fakes/world.h"

namespace conformance {

/// The closed world of one network case (meta.conventions of the vectors), made of fakes: its DNS,
/// its servers with their certificates and routes, its clock.
class CaseWorld {
 public:
  explicit CaseWorld(const Case& each);

  /// A probe of the case's server name.
  matrix_federation::Report Probe();

  /// What the world saw and the means to see it.
  matrix_federation::fakes::FakeWorld& fakes() { return fakes_; }

 private:
  void FillDns(const YAML::Node& dns);
  void FillServers(const YAML::Node& servers);

  std::string server_name_;
  matrix_federation::fakes::FakeWorld fakes_;
};

}  // namespace conformance
