#pragma once

#include <cstdint>
#include <vector>

#include "matrix_federation/check.h"

namespace matrix_federation {

/// What an address has to pass, in this order, before federation with it works.
enum class Stage : std::uint8_t {
  kConnect,
  kHandshake,
  kTrust,
  kDates,
  kName,
  kKeysServed,
  kKeysSigned,
  kKeysInDate,
};
inline constexpr int kStageCount = 8;

/// The endpoint's failure at a stage, or nullptr when it passed; internal_error where there is
/// nothing to judge, which callers rule out by asking the stages in their order.
const Failure* FailureAt(const EndpointObservation& endpoint, Stage stage);

/// The endpoint's first failure over all stages; nullptr when the endpoint works.
const Failure* FirstFailure(const EndpointObservation& endpoint);

/// The failure with the endpoint's address in front, unless its detail names that already.
Failure AtAddress(const EndpointObservation& endpoint, const Failure& failure);

/// The endpoints that a stage is judged by: those that passed every stage before it, or, where none
/// did, all at which there is something to judge. So an expired certificate hides nothing of what
/// was seen of the keys, and yet federation works exactly when no error check fails.
std::vector<const EndpointObservation*> Candidates(const Observation& seen, Stage stage);

/// An error check about one stage: one of the candidates has to pass, since a homeserver needs only
/// one address; else the failure of the first in order.
Verdict JudgeStage(const Observation& seen, Stage stage);

/// Whether some endpoint passed every stage.
bool SomeEndpointWorks(const Observation& seen);

/// Where the homeserver says what it is: the first working endpoint, or, where none works, the
/// first that was asked; nullptr when none was.
const EndpointObservation* VersionEndpoint(const Observation& seen);
/// What it says there.
const ServerVersion* ReportedVersion(const Observation& seen);

/// Whether an address counts: one that only this machine's missing IP version keeps from being
/// reached says nothing about the homeserver.
bool IsConclusive(const Observation& seen, const EndpointObservation& endpoint);

}  // namespace matrix_federation
