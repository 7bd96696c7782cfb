#pragma once

#include <cstdint>
#include <string_view>

#include "matrix_federation/observation.h"

namespace exporter {

// What both metrics and pages say of an observation.

/// How discovery went: "well_known_srv"; the label value.
std::string_view MethodOf(matrix_federation::Step step);

/// Addresses of one IP version.
struct AddressCount {
  std::uint16_t all = 0;
  std::uint16_t healthy = 0;  // of those

  bool operator==(const AddressCount&) const = default;
};

AddressCount CountAddresses(const matrix_federation::Observation& seen, int ip_version);

/// What the first address that answered as specified says of its software; nullptr when none did.
const matrix_federation::ServerVersion* FirstVersion(const matrix_federation::Observation& seen);

}  // namespace exporter
