#pragma once

#include <cstdint>
#include <string_view>

#include "matrix_federation/observation.h"
#include "matrix_federation/report.h"

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

/// The first address that `is_meant` accepts, of those that work where one of them does; nullptr
/// where there is none.
template <typename IsMeant>
const matrix_federation::EndpointObservation* FirstEndpoint(
    const matrix_federation::Observation& seen, IsMeant is_meant) {
  const matrix_federation::EndpointObservation* first = nullptr;
  for (const auto& each : seen.endpoints) {
    if (!is_meant(each)) continue;
    if (EndpointWorks(each)) return &each;
    if (first == nullptr) first = &each;
  }
  return first;
}

/// What the first address that answered as specified says of its software, a working one where
/// there is one; nullptr when none did.
const matrix_federation::ServerVersion* FirstVersion(const matrix_federation::Observation& seen);

}  // namespace exporter
