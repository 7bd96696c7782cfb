#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "matrix_federation/certificate.h"
#include "matrix_federation/outcome.h"

namespace matrix_federation {

struct Observation;

/// A signing key that a homeserver has shown, kept across probes.
struct KnownKey {
  std::string id;   // "ed25519:auto"
  std::string key;  // 32 octets
  SystemTime last_seen;

  bool operator==(const KnownKey&) const = default;
};
using KeyMemory = std::vector<KnownKey>;

/// How long a key is kept in mind after it was last seen: as long as other homeservers may hold it
/// in their caches (server-server API, "Publishing Keys": at most seven days).
inline constexpr std::chrono::days kKeyMemoryMax{7};

/// Takes the keys of a finished round into `memory`, bounded by kSigningKeysMax. An ID that came
/// back with another key keeps its first one until that is forgotten, so that the finding lasts as
/// long as its harm. Pure but for `memory`.
void Remember(KeyMemory& memory, const Observation& seen);

}  // namespace matrix_federation
