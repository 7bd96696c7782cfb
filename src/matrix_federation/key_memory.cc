#include "matrix_federation/key_memory.h"

#include <algorithm>

#include "matrix_federation/limits.h"
#include "matrix_federation/observation.h"
#include "matrix_federation/report.h"

namespace matrix_federation {
namespace {

void RememberKey(KeyMemory& memory, const PublicKey& key, SystemTime now) {
  const auto known = std::find_if(memory.begin(), memory.end(),
                                  [&](const KnownKey& each) { return each.id == key.id; });
  if (known == memory.end()) {
    if (memory.size() < kSigningKeysMax) memory.push_back({key.id, key.key, now});
  } else if (known->key == key.key) {
    known->last_seen = now;
  }
}

}  // namespace

void Remember(KeyMemory& memory, const Observation& seen) {
  const SystemTime now = seen.started_at;
  std::erase_if(memory,
                [&](const KnownKey& known) { return now - known.last_seen > kKeyMemoryMax; });
  for (const EndpointObservation& endpoint : seen.endpoints) {
    // Whoever comes in between can make keys that are signed by themselves.
    if (!endpoint.keys || !EndpointWorks(endpoint)) continue;
    for (const PublicKey& key : endpoint.keys->current) RememberKey(memory, key, now);
  }
}

}  // namespace matrix_federation
