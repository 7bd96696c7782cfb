#pragma once

#include <openssl/evp.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "fakes/clock.h"

namespace matrix_federation::fakes {

/// An ed25519 key with which a test signs as a homeserver does.
class SigningKey {
 public:
  /// The seed of the specification's test vectors (appendices, "Cryptographic Test Vectors").
  static constexpr std::string_view kSpecificationSeed =
      "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1";

  explicit SigningKey(std::string_view seed_base64 = kSpecificationSeed);

  /// Unpadded base64.
  [[nodiscard]] std::string PublicKey() const;
  /// Of the very octets given, as unpadded base64.
  [[nodiscard]] std::string Sign(std::string_view message) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
};

/// What GET /_matrix/key/v2/server answers where all is well: one key, "ed25519:1", that has
/// signed.
std::string KeysDocument(std::string_view server_name,
                         SystemSeconds valid_until = kNow + std::chrono::hours{24},
                         const SigningKey& key = SigningKey());

}  // namespace matrix_federation::fakes
