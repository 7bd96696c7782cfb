#pragma once

#include "matrix_federation/observation.h"

namespace matrix_federation {

/// The SRV query that found records, or nullptr. There is at most one: a record that was found ends
/// the search.
inline const SrvObservation* FoundServices(const Observation& seen) {
  for (const SrvObservation& query : seen.services) {
    if (query.status == DnsStatus::kFound) return &query;
  }
  return nullptr;
}

}  // namespace matrix_federation
