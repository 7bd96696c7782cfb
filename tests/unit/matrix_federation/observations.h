#pragma once

#include <set>
#include <string>

#include "matrix_federation/check.h"
#include "matrix_federation/observation.h"

namespace matrix_federation {

/// One address at which all is well.
EndpointObservation GoodEndpoint(const std::string& ip = "192.0.2.10");

/// A round against example.org in which all is well: no .well-known file, no SRV record, one
/// address on port 8448.
Observation GoodObservation();

/// A chain with one certificate, trusted and in date.
std::shared_ptr<ChainAssessment> GoodChain();

/// A failure with a sentence of its own.
Failure Because(Reason reason);

/// What the check says: "pass", "not_applicable", "not_observed", or "fail: <code>".
std::string Judged(const Check& check, const Observation& seen);

/// The words of what it found beside that.
std::set<std::string> Found(const Check& check, const Observation& seen);

}  // namespace matrix_federation
