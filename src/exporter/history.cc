#include "exporter/history.h"

#include <algorithm>

#include "exporter/name_hash.h"

namespace exporter {
namespace {

using matrix_federation::ChainAssessment;
using matrix_federation::EndpointObservation;
using matrix_federation::EndpointWorks;
using matrix_federation::Observation;
using matrix_federation::Report;
using matrix_federation::SystemTime;

using Hashes = std::vector<std::uint64_t>;

void Add(Hashes& hashes, const std::string& text) { hashes.push_back(NameHash(text)); }

Hashes Destinations(const Observation& seen) {
  Hashes destinations;
  if (!seen.destination || seen.endpoints.empty()) return destinations;
  // Among SRV records of one priority the first is drawn by chance, so all of them count.
  for (const auto& query : seen.services) {
    for (const auto& record : query.records) {
      Add(destinations, record.target + ":" + std::to_string(record.port));
    }
  }
  if (destinations.empty()) {
    Add(destinations, seen.destination->host + ":" + std::to_string(seen.destination->port));
  }
  return destinations;
}

std::vector<std::shared_ptr<const ChainAssessment>> Chains(const Observation& seen, Role role) {
  std::vector<std::shared_ptr<const ChainAssessment>> chains;
  if (role == Role::kWellKnown) {
    // The first address may have completed no handshake where another one has.
    const auto first = seen.well_known.tls ? seen.well_known.tls->chain : nullptr;
    if (first) chains.push_back(first);
    // Where redirects lead, the certificates are those of another host.
    if (seen.well_known.redirects != 0) return chains;
    for (const auto& answer : seen.well_known.answers) {
      if (answer.tls && answer.tls->chain && answer.tls->chain != first) {
        chains.push_back(answer.tls->chain);
      }
    }
    return chains;
  }
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (endpoint.tls && endpoint.tls->chain) chains.push_back(endpoint.tls->chain);
  }
  return chains;
}

Hashes Keys(const Observation& seen) {
  Hashes keys;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.keys || !EndpointWorks(endpoint)) continue;
    for (const auto& key : endpoint.keys->current) Add(keys, key.id + " " + key.key);
    break;
  }
  return keys;
}

// Each once, in order.
void Tidy(Hashes& hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

// Of two tidy lists, whether `now` has something that is not `known`.
bool HasNew(const Hashes& known, const Hashes& now) {
  return !std::includes(known.begin(), known.end(), now.begin(), now.end());
}

// Counts a change when something new appeared; what was not seen this time is no change.
void Remember(Hashes& known, Hashes now, std::uint64_t& changes) {
  if (now.empty()) return;
  Tidy(now);
  if (!known.empty() && HasNew(known, now)) ++changes;
  known = std::move(now);
  known.shrink_to_fit();
}

void RememberCertificates(History& history, const Observation& seen, Role role, SystemTime now) {
  const auto index = static_cast<std::size_t>(role);
  auto chains = Chains(seen, role);
  if (chains.empty()) return;
  Hashes leaves;
  for (const auto& chain : chains) Add(leaves, chain->certificates.front().fingerprint_sha256);
  Tidy(leaves);
  // An address that is down keeps its certificate in mind, so that its return is no change.
  if (HasNew(history.last_leaves[index], leaves)) {
    Remember(history.last_leaves[index], std::move(leaves), history.certificate_changes[index]);
  }
  history.certificates[index] = {std::move(chains), now};
}

void RememberOutcome(std::vector<Episode>& episodes, const Report& report, SystemTime finished_at) {
  const auto& cause = report.root_cause;
  const Episode now{finished_at, finished_at, 1, cause ? cause->check->name : "",
                    cause ? cause->reason : ""};
  if (!episodes.empty() && episodes.back().check == now.check &&
      episodes.back().reason == now.reason) {
    // The clock may have been set back.
    episodes.back().begin = std::min(episodes.back().begin, finished_at);
    episodes.back().end = finished_at;
    ++episodes.back().probes;
    return;
  }
  if (episodes.size() == kEpisodesMax) episodes.erase(episodes.begin());
  episodes.push_back(now);
}

}  // namespace

std::string_view Word(Role role) { return role == Role::kFederation ? "federation" : "well_known"; }

void Update(History& history, const Report& report, SystemTime finished_at) {
  const bool ok = report.federation_ok;
  ++history.probes;
  if (!ok) ++history.failures;
  history.consecutive_failures = ok ? 0 : history.consecutive_failures + 1;
  if (ok) history.last_success = finished_at;
  if (history.last_ok != ok) history.last_state_change = finished_at;
  history.last_ok = ok;
  history.last_finished = finished_at;
  RememberOutcome(history.episodes, report, finished_at);

  const Observation& seen = report.observation;
  Remember(history.last_destinations, Destinations(seen), history.discovery_changes);
  Remember(history.last_keys, Keys(seen), history.signing_key_changes);
  matrix_federation::Remember(history.known_keys, seen);
  RememberCertificates(history, seen, Role::kFederation, finished_at);
  RememberCertificates(history, seen, Role::kWellKnown, finished_at);
}

}  // namespace exporter
