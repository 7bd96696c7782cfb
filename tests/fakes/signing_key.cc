#include "fakes/signing_key.h"

#include <array>
#include <stdexcept>

#include "matrix_federation/signing_keys.h"

namespace matrix_federation::fakes {
namespace {

constexpr std::size_t kSeedLength = 32;
constexpr std::size_t kSignatureLength = 64;

const unsigned char* Octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <std::size_t size>
std::string Base64(const std::array<unsigned char, size>& octets) {
  return EncodeBase64({reinterpret_cast<const char*>(octets.data()), octets.size()});
}

}  // namespace

SigningKey::SigningKey(std::string_view seed_base64) {
  const std::string seed = DecodeBase64(seed_base64).value();
  key_.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Octets(seed), kSeedLength),
             EVP_PKEY_free);
  if (seed.size() != kSeedLength || !key_) throw std::invalid_argument("no ed25519 seed");
}

std::string SigningKey::PublicKey() const {
  std::array<unsigned char, kSeedLength> octets{};
  std::size_t length = octets.size();
  EVP_PKEY_get_raw_public_key(key_.get(), octets.data(), &length);
  return Base64(octets);
}

std::string SigningKey::Sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::array<unsigned char, kSignatureLength> octets{};
  std::size_t length = octets.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get());
  if (EVP_DigestSign(context.get(), octets.data(), &length, Octets(message), message.size()) != 1) {
    throw std::runtime_error("ed25519 does not sign");
  }
  return Base64(octets);
}

std::string KeysDocument(std::string_view server_name, SystemSeconds valid_until,
                         const SigningKey& key) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(valid_until.time_since_epoch());
  // The members stand in canonical order, so that the signed text is the text without signatures.
  const std::string name = R"("server_name":")" + std::string(server_name) + "\"";
  const std::string rest = R"("valid_until_ts":)" + std::to_string(milliseconds.count()) +
                           R"(,"verify_keys":{"ed25519:1":{"key":")" + key.PublicKey() + "\"}}";
  const std::string signature = key.Sign(R"({"old_verify_keys":{},)" + name + "," + rest + "}");
  return R"({"old_verify_keys":{},)" + name + R"(,"signatures":{")" + std::string(server_name) +
         R"(":{"ed25519:1":")" + signature + "\"}}," + rest + "}";
}

}  // namespace matrix_federation::fakes
