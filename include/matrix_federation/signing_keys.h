#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/outcome.h"
#include "matrix_federation/ports.h"

namespace matrix_federation {

using SystemMilliseconds = std::chrono::sys_time<std::chrono::milliseconds>;

/// A public key that a homeserver offers.
struct PublicKey {
  std::string id;   // "ed25519:auto"
  std::string key;  // 32 octets
};

/// A finding that does not stop federation, with its sentence.
struct Finding {
  Warning warning;
  std::string detail;
};

/// What `GET /_matrix/key/v2/server` says of a homeserver's signing keys (server-server API,
/// "Publishing Keys"; Matrix appendices, "Checking for a Signature"). The three failures are the
/// subjects of three checks; the first one set is the reason.
struct SigningKeys {
  MaybeFailure served;   // status, type, JSON, required members
  MaybeFailure signing;  // server_name, keys and self-signatures
  MaybeFailure dates;    // valid_until_ts, keys that are both current and old

  std::string document;  // the response body; set when it is a JSON object
  std::string server_name;
  std::vector<PublicKey> current;             // ed25519 keys of verify_keys
  std::vector<std::string> verified_key_ids;  // those whose signature verified
  std::vector<std::string> old_key_ids;       // of old_verify_keys
  bool has_more_old_keys = false;             // than are looked at
  /// Until when readers accept these keys: the earlier of valid_until_ts and seven days from now.
  /// Absent unless a signature verified.
  std::optional<SystemMilliseconds> valid_until;
  std::vector<Finding> warnings;

  [[nodiscard]] bool ok() const { return !served && !signing && !dates; }
  /// The first failure; nullptr when ok().
  [[nodiscard]] const Failure* failure() const;
};

/// Judges the response of the key endpoint for the homeserver `queried_name`, at `now`. Strict:
/// every listed ed25519 key must have signed, as the public federation tester demands. Base64 may
/// be padded, unpadded or URL-safe. Pure.
SigningKeys ReadSigningKeys(const HttpExchange& response, std::string_view queried_name,
                            SystemTime now);

/// Base64 of either alphabet, padded or not; bits left over are ignored. nullopt on other
/// characters. `urlsafe` is set when the URL-safe alphabet was used.
std::optional<std::string> DecodeBase64(std::string_view text, bool* urlsafe = nullptr);

/// Unpadded, standard alphabet (Matrix appendices, "Unpadded Base64").
std::string EncodeBase64(std::string_view octets);

/// Whether `signature` (64 octets) over `message` was made by the ed25519 `public_key` (32 octets).
bool VerifyEd25519(std::string_view public_key, std::string_view message,
                   std::string_view signature);

}  // namespace matrix_federation
