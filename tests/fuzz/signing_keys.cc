// Responses of the key endpoint: the input is the body. Sound: a response without fault has a good
// signature by each ed25519 key that it lists. Complete: whatever else stands in a document, once
// it is signed it verifies, and with one member more it does not.

#include "matrix_federation/signing_keys.h"

#include "fakes/signing_key.h"
#include "matrix_federation/canonical_json.h"
#include "matrix_federation/limits.h"
#include "property.h"
#include "wide_json.h"

using fuzz::Require;
using matrix_federation::JsonValue;
using matrix_federation::kSigningKeysMax;
using matrix_federation::SigningKeys;

namespace {

constexpr std::string_view kName = "example.org";
constexpr std::string_view kKeyId = "ed25519:1";

SigningKeys Read(std::string_view body) {
  matrix_federation::HttpExchange response;
  response.asked = true;
  response.status = 200;
  response.content_type = "application/json";
  response.body = body;
  return matrix_federation::ReadSigningKeys(response, kName, matrix_federation::fakes::kNow);
}

void CheckShown(const SigningKeys& keys) {
  for (const auto* failure : {&keys.served, &keys.signing, &keys.dates}) {
    Require(!*failure || fuzz::IsShowable((*failure)->detail, fuzz::kSentenceMax),
            "a failure is a sentence that can be shown");
  }
  for (const auto& warning : keys.warnings) {
    Require(fuzz::IsShowable(warning.detail, fuzz::kSentenceMax),
            "a warning is a sentence that can be shown");
  }
  for (const std::string& id : keys.old_key_ids) {
    Require(fuzz::IsShowable(id, matrix_federation::kServerNameLengthMax), "an old key's ID");
  }
}

void CheckBounds(const SigningKeys& keys) {
  Require(keys.current.size() <= kSigningKeysMax, "current keys are bounded");
  Require(keys.old_key_ids.size() <= kSigningKeysMax, "old keys are bounded");
  Require(keys.verified_key_ids.size() <= keys.current.size(), "only listed keys verify");
  Require(keys.warnings.size() <= kSigningKeysMax + 3, "warnings are bounded");
  Require(keys.valid_until.has_value() == !keys.verified_key_ids.empty(),
          "a date counts when a signature does");
  if (keys.valid_until) {
    Require(*keys.valid_until <= matrix_federation::fakes::kNow + std::chrono::days{7},
            "keys are trusted for seven days at most");
  }
}

void CheckSound(std::string_view body, const SigningKeys& keys) {
  if (!keys.ok()) return;
  Require(keys.server_name == kName, "the keys are those of the server that was asked");
  Require(!keys.verified_key_ids.empty(), "some key has signed");
  const auto document = fuzz::WideJson::parse(body);
  for (const auto& [id, key] : document.at("verify_keys").items()) {
    if (!id.starts_with("ed25519:")) continue;
    Require(std::find(keys.verified_key_ids.begin(), keys.verified_key_ids.end(), id) !=
                keys.verified_key_ids.end(),
            "each listed ed25519 key has signed");
  }
}

JsonValue Member(std::string_view name, JsonValue value) {
  return JsonValue(JsonValue::Object{{std::string(name), std::move(value)}});
}
JsonValue Text(std::string_view text) { return JsonValue(std::string(text)); }

// The document as a homeserver would send it that has one key; nullopt when it cannot be signed.
std::optional<JsonValue::Object> Sign(JsonValue::Object document) {
  static const matrix_federation::fakes::SigningKey key;
  document["server_name"] = Text(kName);
  document["verify_keys"] = Member(kKeyId, Member("key", Text(key.PublicKey())));
  const auto message =
      matrix_federation::CanonicalJsonWithout(document, {"signatures", "unsigned"});
  if (!message) return std::nullopt;
  document["signatures"] = Member(kName, Member(kKeyId, Text(key.Sign(*message))));
  return document;
}

void CheckComplete(const JsonValue::Object& original) {
  if (!original.contains("valid_until_ts")) return;
  auto document = Sign(original);
  if (!document) return;
  // Readers never see what stands in "unsigned", but it has to be JSON that can be written.
  document->erase("unsigned");
  const SigningKeys keys = Read(*matrix_federation::CanonicalJson(JsonValue(*document)));
  Require(!keys.signing, "a document that was signed verifies");
  (*document)["an added member"] = Text("that nobody signed");
  const SigningKeys forged = Read(*matrix_federation::CanonicalJson(JsonValue(*document)));
  Require(forged.verified_key_ids.empty(), "a document that was changed does not verify");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::ToText(data, size);
  const SigningKeys keys = Read(body);
  CheckShown(keys);
  CheckBounds(keys);
  CheckSound(body, keys);
  std::string error;
  const auto document = JsonValue::Parse(body, error);
  if (document && document->AsObject() != nullptr) CheckComplete(*document->AsObject());
  return 0;
}
