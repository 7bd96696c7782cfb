#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/report.h"

namespace exporter {

/// The two places where a homeserver shows certificates.
enum class Role : std::uint8_t { kFederation, kWellKnown };
inline constexpr std::size_t kRoleCount = 2;

/// "federation", "well_known": the label value.
std::string_view Word(Role role);

/// Chains as they were last seen, kept while the server cannot be reached.
struct SeenCertificates {
  std::vector<std::shared_ptr<const matrix_federation::ChainAssessment>> chains;  // one an address
  matrix_federation::SystemTime seen_at;
};

/// Consecutive probes with the same outcome.
struct Episode {
  matrix_federation::SystemTime begin;  // end of the first of them
  matrix_federation::SystemTime end;    // of the last
  std::uint64_t probes = 0;
  std::string_view check;   // of the root cause; both empty when federation worked
  std::string_view reason;  // words of closed lists

  [[nodiscard]] bool ok() const { return reason.empty(); }

  bool operator==(const Episode&) const = default;
};

/// Older ones are forgotten.
inline constexpr std::size_t kEpisodesMax = 24;

/// What outlives a probe of one homeserver: counters, and the memory of what was there before.
/// Plain data, owned by the probe loop.
struct History {
  std::uint64_t probes = 0;
  std::uint64_t failures = 0;
  std::uint64_t consecutive_failures = 0;
  std::uint64_t discovery_changes = 0;
  std::uint64_t certificate_changes[kRoleCount] = {};
  std::uint64_t signing_key_changes = 0;
  std::optional<bool> last_ok;
  std::optional<matrix_federation::SystemTime> last_finished;
  std::optional<matrix_federation::SystemTime> last_success;
  std::optional<matrix_federation::SystemTime> last_state_change;
  SeenCertificates certificates[kRoleCount];
  std::vector<Episode> episodes;  // the oldest first, up to kEpisodesMax

  // Sorted hashes: to see that something is new, it need not be kept.
  std::vector<std::uint64_t> last_destinations;        // of "host:port" of every target
  std::vector<std::uint64_t> last_leaves[kRoleCount];  // of fingerprints
  std::vector<std::uint64_t> last_keys;                // of ID and key
  matrix_federation::KeyMemory known_keys;
};

/// Takes a finished probe into account. Pure but for `history`.
void Update(History& history, const matrix_federation::Report& report,
            matrix_federation::SystemTime finished_at);

}  // namespace exporter
