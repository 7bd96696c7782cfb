#include "checks/stages.h"

#include <algorithm>

namespace matrix_federation {
namespace {

const Failure* Pointer(const MaybeFailure& failure) { return failure ? &*failure : nullptr; }

const Failure* TrustFailure(const EndpointObservation& endpoint) {
  static const Failure kNoCertificate{Reason::kTlsCertUntrusted, "no certificate was presented"};
  return endpoint.tls->chain ? Pointer(endpoint.tls->chain->trust) : &kNoCertificate;
}

// Whether there is anything to judge about a stage at this endpoint.
bool IsObserved(const EndpointObservation& endpoint, Stage stage) {
  switch (stage) {
    case Stage::kConnect: return true;
    case Stage::kHandshake: return !endpoint.connect;
    case Stage::kTrust: return endpoint.tls.has_value();
    case Stage::kDates:
    case Stage::kName: return endpoint.tls && endpoint.tls->chain;
    case Stage::kKeysServed: return endpoint.keys.has_value();
    case Stage::kKeysSigned:
      return endpoint.keys && (!endpoint.keys->served || !endpoint.keys->verified_key_ids.empty());
    case Stage::kKeysInDate: return endpoint.keys && !endpoint.keys->verified_key_ids.empty();
  }
  return false;
}

}  // namespace

const Failure* FailureAt(const EndpointObservation& endpoint, Stage stage) {
  static const Failure kNothingSeen{Reason::kInternalError,
                                    "a fault of this program: an earlier stage passed, and yet "
                                    "nothing was seen of this one"};
  if (!IsObserved(endpoint, stage)) return &kNothingSeen;
  switch (stage) {
    case Stage::kConnect: return Pointer(endpoint.connect);
    case Stage::kHandshake: return Pointer(endpoint.handshake);
    case Stage::kTrust: return TrustFailure(endpoint);
    case Stage::kDates: return Pointer(endpoint.tls->chain->dates);
    case Stage::kName: return Pointer(endpoint.tls->name);
    case Stage::kKeysServed: return Pointer(endpoint.keys->served);
    case Stage::kKeysSigned: return Pointer(endpoint.keys->signing);
    case Stage::kKeysInDate: return Pointer(endpoint.keys->dates);
  }
  return nullptr;
}

const Failure* FirstFailure(const EndpointObservation& endpoint) {
  for (int stage = 0; stage < kStageCount; ++stage) {
    if (const Failure* failure = FailureAt(endpoint, static_cast<Stage>(stage))) return failure;
  }
  return nullptr;
}

Failure AtAddress(const EndpointObservation& endpoint, const Failure& failure) {
  const std::string address = endpoint.address.ToString();
  if (failure.detail.find(address) != std::string::npos) return failure;
  return {failure.reason, address + ": " + failure.detail};
}

std::vector<const EndpointObservation*> Candidates(const Observation& seen, Stage stage) {
  std::vector<const EndpointObservation*> observed;
  std::vector<const EndpointObservation*> unspoilt;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!IsObserved(endpoint, stage)) continue;
    observed.push_back(&endpoint);
    bool passed = true;
    for (int earlier = 0; passed && earlier < static_cast<int>(stage); ++earlier) {
      passed = FailureAt(endpoint, static_cast<Stage>(earlier)) == nullptr;
    }
    if (passed) unspoilt.push_back(&endpoint);
  }
  return unspoilt.empty() ? observed : unspoilt;
}

Verdict JudgeStage(const Observation& seen, Stage stage) {
  MaybeFailure first;
  bool is_conclusive = false;
  for (const EndpointObservation* endpoint : Candidates(seen, stage)) {
    const Failure* failure = FailureAt(*endpoint, stage);
    if (failure == nullptr) return Verdict::Pass();
    // What this machine could not try explains nothing where another address was tried.
    if (is_conclusive || (first && !IsConclusive(seen, *endpoint))) continue;
    is_conclusive = IsConclusive(seen, *endpoint);
    first = AtAddress(*endpoint, *failure);
  }
  return first ? Verdict::Fail(*first) : Verdict::NotObserved();
}

bool SomeEndpointWorks(const Observation& seen) {
  return std::any_of(seen.endpoints.begin(), seen.endpoints.end(),
                     [](const auto& endpoint) { return FirstFailure(endpoint) == nullptr; });
}

const EndpointObservation* VersionEndpoint(const Observation& seen) {
  const bool works = SomeEndpointWorks(seen);
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.version || (works && FirstFailure(endpoint) != nullptr)) continue;
    return &endpoint;
  }
  return nullptr;
}

const ServerVersion* ReportedVersion(const Observation& seen) {
  const EndpointObservation* endpoint = VersionEndpoint(seen);
  return endpoint == nullptr ? nullptr : &*endpoint->version;
}

bool IsConclusive(const Observation& seen, const EndpointObservation& endpoint) {
  const bool network_has =
      endpoint.address.ip.network_version() == 4 ? seen.network_has_ipv4 : seen.network_has_ipv6;
  return network_has || !endpoint.connect ||
         endpoint.connect->reason != Reason::kConnectUnreachable;
}

}  // namespace matrix_federation
