#include "matrix_federation/signing_keys.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "matrix_federation/canonical_json.h"
#include "matrix_federation/json_value.h"
#include "matrix_federation/limits.h"
#include "media_type.h"
#include "text.h"

namespace matrix_federation {
namespace {

constexpr std::string_view kAlgorithm = "ed25519:";
constexpr std::size_t kPublicKeyLength = 32;
// Synapse refuses whatever this key has signed (ELEMENTSEC-2025-1670).
constexpr std::string_view kCompromisedKey = "l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og";
constexpr auto kValidityMax = std::chrono::days(7);
// Many publish exactly that, by a clock that may be ahead by as much as counts as right.
constexpr auto kValidityMaxStated = kValidityMax + std::chrono::seconds(60);
constexpr auto kValidityAdvised = std::chrono::hours(1);
// 1970 to 9999: beyond, a time can neither be calculated with nor shown, and says no more.
constexpr std::chrono::milliseconds kTimeMin{0};
constexpr std::chrono::milliseconds kTimeMax{253'402'300'799'999};

std::string Quote(std::string_view text) { return "'" + ToPrintable(text, kQuotedLengthMax) + "'"; }

bool IsStandardKeyId(std::string_view id) {
  const std::string_view version = id.substr(id.find(':') + 1);
  return !version.empty() && std::all_of(version.begin(), version.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

bool IsPublicKey(std::string_view text) {
  const auto key = DecodeBase64(text);
  return key && key->size() == kPublicKeyLength;
}

std::optional<std::int64_t> ToInteger(const JsonValue& value) {
  const JsonValue::Number* number = value.AsNumber();
  if (number == nullptr) return std::nullopt;
  std::int64_t integer = 0;
  const char* end = number->text.data() + number->text.size();
  const auto [stop, error] = std::from_chars(number->text.data(), end, integer);
  if (error != std::errc() || stop != end) return std::nullopt;
  return integer;
}

// What most often stands behind a status other than 200.
std::string_view Advice(int status) {
  if (status == 429) return "exempt /_matrix from rate limits";
  if (status == 401 || status == 403) return "let everyone read /_matrix/key";
  if (status >= 500) return "is the homeserver behind the proxy down or overloaded?";
  if (status >= 300 && status < 400) return "homeservers do not follow redirects here";
  return "the proxy must pass /_matrix/key to the homeserver";
}

// Reads one response into a SigningKeys; each step returns false when nothing further can be read.
class Reader {
 public:
  Reader(std::string_view queried_name, SystemTime now)
      : queried_name_(queried_name),
        now_(std::chrono::time_point_cast<std::chrono::milliseconds>(now)) {}

  SigningKeys Read(const HttpExchange& response) {
    if (ReadDocument(response) && ReadMembers() && CheckServerName() && ReadCurrentKeys()) {
      ReadOldKeys();
      CheckCompromised();
      CheckSignatures();
      CheckDates();
    }
    return std::move(keys_);
  }

 private:
  bool ReadDocument(const HttpExchange& response) {
    if (response.failure) return NotServed(response.failure->reason, response.failure->detail);
    if (response.status != 200) {
      return NotServed(Reason::kKeysHttpStatus,
                       "GET /_matrix/key/v2/server was answered with HTTP status " +
                           std::to_string(response.status) + "; " +
                           std::string(Advice(response.status)));
    }
    if (!IsJsonMediaType(response.content_type)) {
      return NotServed(Reason::kKeysInvalidContentType,
                       "the key response's Content-Type is " + Quote(response.content_type) +
                           ", not application/json; does a web site answer instead of the "
                           "homeserver?");
    }
    std::string error;
    auto document = JsonValue::Parse(response.body, error);
    if (!document) return NotServed(Reason::kKeysInvalidJson, "the key response is " + error);
    if (document->AsObject() == nullptr) {
      return NotServed(Reason::kKeysInvalidJson, "the key response is not a JSON object");
    }
    document_ = std::move(*document);
    keys_.document = response.body;
    return true;
  }

  bool ReadMembers() {
    for (const char* member : {"server_name", "verify_keys", "signatures", "valid_until_ts"}) {
      if (document_.Find(member) == nullptr) {
        return NotServed(Reason::kKeysMissingField,
                         std::string("the key response has no ") + member);
      }
    }
    const std::string* name = document_.Find("server_name")->AsString();
    const auto valid_until = ToInteger(*document_.Find("valid_until_ts"));
    const JsonValue* old_keys = document_.Find("old_verify_keys");
    if (name == nullptr) return InvalidField("server_name is not a string");
    if (document_.Find("verify_keys")->AsObject() == nullptr) {
      return InvalidField("verify_keys is not an object");
    }
    if (document_.Find("signatures")->AsObject() == nullptr) {
      return InvalidField("signatures is not an object");
    }
    if (!valid_until) return InvalidField("valid_until_ts is not an integer (milliseconds)");
    if (old_keys != nullptr && old_keys->AsObject() == nullptr) {
      return InvalidField("old_verify_keys is not an object");
    }
    is_of_queried_name_ = *name == queried_name_;
    keys_.server_name = is_of_queried_name_ ? *name : ToPrintable(*name, kServerNameLengthMax);
    valid_until_ts_ =
        SystemMilliseconds{std::clamp(std::chrono::milliseconds{*valid_until}, kTimeMin, kTimeMax)};
    return true;
  }

  bool CheckServerName() {
    if (is_of_queried_name_) return true;
    return NotSigned(Reason::kKeysServerNameMismatch,
                     "the keys are those of " + Quote(keys_.server_name) + ", not of " +
                         Quote(queried_name_) +
                         " (case counts); check server_name of the homeserver and where the proxy "
                         "sends this name");
  }

  bool ReadCurrentKeys() {
    for (const auto& [id, entry] : *document_.Find("verify_keys")->AsObject()) {
      if (!id.starts_with(kAlgorithm)) continue;
      if (keys_.current.size() == kSigningKeysMax) {
        return InvalidField("verify_keys lists more than " + std::to_string(kSigningKeysMax) +
                            " keys");
      }
      if (id.size() > kKeyIdLengthMax) {
        return InvalidField("the ID " + Quote(id) + " is longer than " +
                            std::to_string(kKeyIdLengthMax) + " bytes");
      }
      const JsonValue* text = entry.Find("key");
      if (text == nullptr || text->AsString() == nullptr) {
        return InvalidField("the entry of verify key " + Quote(id) + " has no string 'key'");
      }
      auto key = DecodeBase64(*text->AsString(), &urlsafe_);
      if (!key || key->size() != kPublicKeyLength) {
        return NotSigned(Reason::kKeysInvalidKey,
                         "verify key " + Quote(id) + " is not 32 bytes of base64");
      }
      if (!IsStandardKeyId(id)) {
        keys_.warnings.push_back({Warning::kKeysNonstandardKeyId,
                                  "key ID " + Quote(id) + " is not ed25519:[A-Za-z0-9_]+"});
      }
      keys_.current.push_back({id, std::move(*key)});
    }
    if (!keys_.current.empty()) return true;
    return NotSigned(Reason::kKeysNoSupportedKey,
                     "verify_keys holds no ed25519 key, and other homeservers know no other kind");
  }

  // A fault here loses the whole response in Synapse, but the current keys can still be verified.
  void ReadOldKeys() {
    const JsonValue* old_keys = document_.Find("old_verify_keys");
    if (old_keys == nullptr) return;
    for (const auto& [id, entry] : *old_keys->AsObject()) {
      keys_.old_key_ids.push_back(ToPrintable(id, kServerNameLengthMax));
      const JsonValue* key = entry.Find("key");
      const JsonValue* expired = entry.Find("expired_ts");
      const bool complete = key != nullptr && key->AsString() != nullptr && expired != nullptr &&
                            ToInteger(*expired).has_value();
      const bool is_read = id.starts_with(kAlgorithm) && !keys_.served;
      if (is_read && !complete) {
        InvalidField("the entry of old verify key " + Quote(id) +
                     " lacks a string 'key' or an integer 'expired_ts'");
      } else if (is_read && !IsPublicKey(*key->AsString())) {
        InvalidField("old verify key " + Quote(id) + " is not 32 bytes of base64");
      }
      if (keys_.old_key_ids.size() == kSigningKeysMax) break;
    }
    keys_.has_more_old_keys = old_keys->AsObject()->size() > keys_.old_key_ids.size();
  }

  void CheckCompromised() {
    for (const PublicKey& key : keys_.current) {
      if (EncodeBase64(key.key) != kCompromisedKey) continue;
      NotSigned(Reason::kKeysCompromised,
                "the private half of key " + Quote(key.id) +
                    " is publicly known (ELEMENTSEC-2025-1670), and Synapse refuses it; give the "
                    "homeserver a new signing key under a new ID");
      return;
    }
  }

  void CheckSignatures() {
    const auto message = CanonicalJsonWithout(*document_.AsObject(), {"signatures", "unsigned"});
    if (!message) {
      NotSigned(message.failure().reason,
                "the key response cannot be verified: " + message.failure().detail);
      return;
    }
    const JsonValue* signatures = document_.Find("signatures")->Find(keys_.server_name);
    std::vector<std::string> unsigned_ids;
    for (const PublicKey& key : keys_.current) {
      const JsonValue* signature = signatures == nullptr ? nullptr : signatures->Find(key.id);
      if (signature == nullptr) {
        unsigned_ids.push_back(key.id);
      } else {
        CheckSignature(key, *signature, *message);
      }
    }
    if (!unsigned_ids.empty() && !keys_.signing) NoteUnsigned(unsigned_ids);
    if (urlsafe_) {
      keys_.warnings.push_back({Warning::kKeysUrlsafeBase64,
                                "keys or signatures use URL-safe base64, which some homeservers "
                                "refuse; the specification's alphabet has '+' and '/'"});
    }
  }

  void CheckSignature(const PublicKey& key, const JsonValue& signature,
                      const std::string& message) {
    const std::string* text = signature.AsString();
    const auto octets = text == nullptr ? std::nullopt : DecodeBase64(*text, &urlsafe_);
    if (octets && VerifyEd25519(key.key, message, *octets)) {
      keys_.verified_key_ids.push_back(key.id);
    } else if (!keys_.signing) {
      NotSigned(Reason::kKeysInvalidSignature,
                "the signature by " + Quote(key.id) +
                    " does not verify; is the response altered on its way, or signed by another "
                    "key than the one listed?");
    }
  }

  void NoteUnsigned(const std::vector<std::string>& ids) {
    if (keys_.verified_key_ids.empty()) {
      NotSigned(Reason::kKeysNotSelfSigned,
                "the key response is signed by none of its current keys; restart the homeserver "
                "with the key file that it is to use, and see that no proxy answers in its place");
      return;
    }
    NotSigned(Reason::kKeysVerifyKeyNotSigned,
              "verify key " + Quote(ids.front()) +
                  " is listed but has not signed the response; whoever holds another key could "
                  "have added it");
  }

  void CheckDates() {
    if (keys_.verified_key_ids.empty()) return;
    keys_.valid_until = std::min(valid_until_ts_, now_ + kValidityMax);
    if (valid_until_ts_ < now_) {
      keys_.dates = Failure{Reason::kKeysExpired,
                            "the keys were valid until " + ToRfc3339(valid_until_ts_) +
                                "; other homeservers refuse this one now (stale cache in between, "
                                "or a wrong clock?)"};
    } else if (valid_until_ts_ - now_ < kValidityAdvised) {
      keys_.warnings.push_back({Warning::kKeysExpiringSoon, "the keys are valid until " +
                                                                ToRfc3339(valid_until_ts_) +
                                                                ", less than an hour from now"});
    } else if (valid_until_ts_ - now_ > kValidityMaxStated) {
      keys_.warnings.push_back(
          {Warning::kKeysValidUntilCapped, "valid_until_ts is " + ToRfc3339(valid_until_ts_) +
                                               "; readers count at most seven days"});
    }
    CheckRetired();
  }

  void CheckRetired() {
    const JsonValue* old_keys = document_.Find("old_verify_keys");
    for (const PublicKey& key : keys_.current) {
      if (keys_.dates || old_keys == nullptr || old_keys->Find(key.id) == nullptr) continue;
      keys_.dates = Failure{Reason::kKeysKeyBothCurrentAndOld,
                            "key " + Quote(key.id) +
                                " is listed as current and as old; Synapse then counts it as "
                                "expired. Remove it from the old keys"};
    }
  }

  bool NotServed(Reason reason, std::string detail) {
    keys_.served = Failure{reason, std::move(detail)};
    return false;
  }
  bool InvalidField(const std::string& detail) {
    return NotServed(Reason::kKeysInvalidField, "the key response is malformed: " + detail);
  }
  bool NotSigned(Reason reason, std::string detail) {
    keys_.signing = Failure{reason, std::move(detail)};
    return false;
  }

  std::string_view queried_name_;
  SystemMilliseconds now_;
  JsonValue document_;
  SystemMilliseconds valid_until_ts_;
  bool is_of_queried_name_ = false;
  bool urlsafe_ = false;
  SigningKeys keys_;
};

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* Octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

const Failure* SigningKeys::failure() const {
  for (const MaybeFailure* each : {&served, &signing, &dates}) {
    if (*each) return &**each;
  }
  return nullptr;
}

SigningKeys ReadSigningKeys(const HttpExchange& response, std::string_view queried_name,
                            SystemTime now) {
  return Reader(queried_name, now).Read(response);
}

bool VerifyEd25519(std::string_view public_key, std::string_view message,
                   std::string_view signature) {
  const std::unique_ptr<EVP_PKEY, KeyDeleter> key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, Octets(public_key), public_key.size()));
  const std::unique_ptr<EVP_MD_CTX, DigestDeleter> context(EVP_MD_CTX_new());
  if (!key || !context) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), Octets(signature), signature.size(), Octets(message),
                          message.size()) == 1;
}

}  // namespace matrix_federation
