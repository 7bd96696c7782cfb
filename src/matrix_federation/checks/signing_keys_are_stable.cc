#include <algorithm>
#include "checks/all_checks.h"
#include "matrix_federation/limits.h"
#include "text.h"

namespace matrix_federation {
namespace {

// Other homeservers keep a key in mind by its ID: one that changes behind it, or is gone, leaves
// them with signatures that they cannot verify.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kKeysKeyIdReused),
    Word(Warning::kKeysKeyVanished),
});

// What the endpoints say of a known key, all of them together.
struct Sighting {
  const EndpointObservation* reused_at = nullptr;
  bool listed = false;  // as current, whatever its key, or as old
};

Sighting LookFor(const KnownKey& known, const Observation& seen) {
  Sighting sighting;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.keys || !endpoint.keys->ok()) continue;
    for (const PublicKey& key : endpoint.keys->current) {
      if (key.id != known.id) continue;
      sighting.listed = true;
      if (key.key != known.key) sighting.reused_at = &endpoint;
    }
    const auto& old_ids = endpoint.keys->old_key_ids;
    // Where not all old keys were looked at, it may be among the others.
    sighting.listed = sighting.listed || endpoint.keys->has_more_old_keys ||
                      std::find(old_ids.begin(), old_ids.end(), known.id) != old_ids.end();
  }
  return sighting;
}

std::vector<Finding> FindingsOf(const Observation& seen) {
  std::vector<Finding> findings;
  for (const KnownKey& known : seen.known_keys) {
    const std::string id = "'" + ToPrintable(known.id, kQuotedLengthMax) + "'";
    const Sighting sighting = LookFor(known, seen);
    if (sighting.reused_at != nullptr) {
      findings.push_back({Warning::kKeysKeyIdReused,
                          sighting.reused_at->address.ToString() + " offers another key under ID " +
                              id +
                              " than before; restore the old key, or give the new one an ID "
                              "of its own"});
    } else if (!sighting.listed) {
      findings.push_back({Warning::kKeysKeyVanished,
                          "key " + id + ", last seen " +
                              ToRfc3339(std::chrono::floor<std::chrono::seconds>(known.last_seen)) +
                              ", is gone; list it in old_verify_keys so that what it signed can "
                              "still be verified"});
    }
  }
  return findings;
}

Verdict Judge(const Observation& seen) {
  const bool observed =
      std::any_of(seen.endpoints.begin(), seen.endpoints.end(),
                  [](const auto& endpoint) { return endpoint.keys && endpoint.keys->ok(); });
  if (!observed) return Verdict::NotObserved();
  if (seen.known_keys.empty()) return Verdict::NotApplicable();
  std::vector<Finding> findings = FindingsOf(seen);
  if (findings.empty()) return Verdict::Pass();
  Verdict verdict = Verdict::Warn(findings.front());
  verdict.findings = std::move(findings);
  return verdict;
}

}  // namespace

const Check signing_keys_are_stable{
    .name = "signing_keys_are_stable",
    .severity = Severity::kWarning,
    .summary = "No key ID was given to another key, and no key vanished unannounced.",
    .citation = "server-server API, Publishing Keys (old_verify_keys)",
    .why = R"(Other servers remember a key by its ID. If another key comes under the same ID,
they refuse what it signs. If a key is gone and not listed as retired, they cannot check older
messages that it signed.)",
    .fix = R"(Restore the old signing key from a backup. If the change was meant, give the new
key an ID of its own and list the old one as retired.

Synapse:

    cd /etc/matrix-synapse
    mv homeserver.signing.key old.signing.key
    generate_signing_key -o homeserver.signing.key
    export_signing_key -x old.signing.key

Put what the last command prints into homeserver.yaml under `old_signing_keys:` and restart.

Dendrite, in dendrite.yaml:

    global:
      private_key: matrix_key.pem
      old_private_keys:
        - private_key: old_matrix_key.pem
          expired_at: 1601024554498

The exporter knows only keys that it has seen itself.)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
