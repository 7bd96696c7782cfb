#include "matrix_federation/signing_keys.h"

#include <gtest/gtest.h>

#include <set>

#include "fakes/federation_client.h"
#include "fakes/signing_key.h"
#include "matrix_federation/canonical_json.h"
#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

using fakes::JsonAnswer;
using fakes::KeysDocument;
using fakes::kNow;
using fakes::SigningKey;

constexpr const char* kName = "example.org";
constexpr std::string_view kValid = R"("valid_until_ts":1800086400000)";

std::string ReasonOf(const SigningKeys& keys) {
  return keys.ok() ? "ok" : std::string(Word(keys.failure()->reason));
}

SigningKeys Read(const std::string& body) {
  return ReadSigningKeys(JsonAnswer(200, body), kName, kNow);
}

// Text that a homeserver may have written, with the signature of one key over its canonical form.
std::string Signed(const std::string& members, const std::string& key_id = "ed25519:1") {
  std::string error;
  const auto value = JsonValue::Parse("{" + members + "}", error);
  const auto canonical = CanonicalJsonWithout(*value->AsObject(), {"signatures", "unsigned"});
  return "{" + members + R"(,"signatures":{"example.org":{")" + key_id + R"(":")" +
         SigningKey().Sign(*canonical) + "\"}}}";
}

std::string VerifyKey(const std::string& key_id, const std::string& key) {
  return R"("verify_keys":{")" + key_id + R"(":{"key":")" + key + "\"}}";
}

// A good document save for what `members` says in the place of valid_until_ts.
std::string SignedWith(const std::string& members) {
  return Signed(R"("server_name":"example.org",)" + members + "," +
                VerifyKey("ed25519:1", SigningKey().PublicKey()));
}

std::string ToUrlsafe(std::string text) {
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::set<Warning> WarningsOf(const SigningKeys& keys) {
  std::set<Warning> warnings;
  for (const Finding& finding : keys.warnings) warnings.insert(finding.warning);
  return warnings;
}

TEST(SigningKeys, AreReadFromAGoodResponse) {
  const SigningKeys keys = Read(KeysDocument(kName));
  EXPECT_EQ(ReasonOf(keys), "ok");
  EXPECT_EQ(keys.verified_key_ids, std::vector<std::string>{"ed25519:1"});
  EXPECT_TRUE(keys.warnings.empty());
}

TEST(SigningKeys, AreOfTheVerySpellingOfTheName) {
  EXPECT_EQ(ReasonOf(Read(KeysDocument("Example.org"))), "keys_server_name_mismatch");
}

TEST(SigningKeys, AreValidThroughTheLastMoment) {
  EXPECT_EQ(ReasonOf(Read(KeysDocument(kName, kNow))), "ok");
  EXPECT_EQ(ReasonOf(Read(KeysDocument(kName, kNow - std::chrono::seconds{1}))), "keys_expired");
}

TEST(SigningKeys, CountForSevenDaysAtMost) {
  const SigningKeys week = Read(KeysDocument(kName, kNow + std::chrono::days{7}));
  EXPECT_TRUE(week.warnings.empty()) << "exactly seven days is what many publish";
  const SigningKeys skewed =
      Read(KeysDocument(kName, kNow + std::chrono::days{7} + std::chrono::seconds{60}));
  EXPECT_TRUE(skewed.warnings.empty()) << "by a clock that counts as right";
  const SigningKeys more =
      Read(KeysDocument(kName, kNow + std::chrono::days{7} + std::chrono::seconds{61}));
  EXPECT_EQ(WarningsOf(more), std::set{Warning::kKeysValidUntilCapped});
  EXPECT_EQ(more.valid_until, week.valid_until);
}

TEST(SigningKeys, StandExtremeTimes) {
  EXPECT_EQ(ReasonOf(Read(SignedWith(R"("valid_until_ts":9223372036854775807)"))), "ok");
  EXPECT_EQ(ReasonOf(Read(SignedWith(R"("valid_until_ts":-9223372036854775808)"))), "keys_expired");
  EXPECT_EQ(ReasonOf(Read(SignedWith(R"("valid_until_ts":9223372036854775808)"))),
            "keys_invalid_field");
  EXPECT_EQ(ReasonOf(Read(SignedWith(R"("valid_until_ts":1.8e12)"))), "keys_invalid_field");
}

TEST(SigningKeys, NeedTheirMembersInTheirTypes) {
  for (
      const char* members :
      {R"("valid_until_ts":"1800086400000")", R"("valid_until_ts":null)",
       R"("valid_until_ts":1800086400000,"old_verify_keys":[])",
       R"("valid_until_ts":1800086400000,"old_verify_keys":{"ed25519:0":{"key":1,"expired_ts":1}})",
       R"("valid_until_ts":1800086400000,"old_verify_keys":{"ed25519:0":7})",
       R"("valid_until_ts":1800086400000,"old_verify_keys":{"ed25519:0":{"key":"AAAA","expired_ts":1}})"}) {
    EXPECT_EQ(ReasonOf(Read(SignedWith(members))), "keys_invalid_field") << members;
  }
}

// Synapse passes over those of algorithms that it does not know.
TEST(SigningKeys, NeedNothingOfOldOnesOfOtherAlgorithms) {
  EXPECT_EQ(ReasonOf(Read(SignedWith(std::string(kValid) +
                                     R"(,"old_verify_keys":{"curve25519:0":{"key":"AAAA"}})"))),
            "ok");
}

TEST(SigningKeys, NeedNoOldOnes) {
  EXPECT_EQ(ReasonOf(Read(SignedWith(std::string(kValid)))), "ok");
}

TEST(SigningKeys, NeedAKeyWithText) {
  const std::string start = R"("server_name":"example.org",)" + std::string(kValid) + ",";
  EXPECT_EQ(ReasonOf(Read(Signed(start + R"("verify_keys":{"ed25519:1":{}})"))),
            "keys_invalid_field");
  EXPECT_EQ(ReasonOf(Read(Signed(start + R"("verify_keys":{"ed25519:1":{"key":1}})"))),
            "keys_invalid_field");
  EXPECT_EQ(ReasonOf(Read(Signed(start + VerifyKey("ed25519:1", "not base64!")))),
            "keys_invalid_key");
}

TEST(SigningKeys, RefuseASignatureThatIsNone) {
  for (const char* signature : {"1", "null", R"("AAAA")", R"("not base64!")", "{}"}) {
    const std::string body = R"({"server_name":"example.org",)" + std::string(kValid) + "," +
                             VerifyKey("ed25519:1", SigningKey().PublicKey()) +
                             R"(,"signatures":{"example.org":{"ed25519:1":)" + signature + "}}}";
    EXPECT_EQ(ReasonOf(Read(body)), "keys_invalid_signature") << signature;
  }
}

TEST(SigningKeys, HaveNoSignatureOverAFraction) {
  const std::string body = R"({"server_name":"example.org","x":1.5,)" + std::string(kValid) + "," +
                           VerifyKey("ed25519:1", SigningKey().PublicKey()) +
                           R"(,"signatures":{"example.org":{"ed25519:1":"AAAA"}}})";
  EXPECT_EQ(ReasonOf(Read(body)), "canonical_json_unrepresentable");
}

TEST(SigningKeys, MayBeUrlsafe) {
  const std::string members = R"("server_name":"example.org",)" + std::string(kValid) + "," +
                              VerifyKey("ed25519:1", SigningKey().PublicKey());
  const std::string body = Signed(members);
  const std::string urlsafe = members + ToUrlsafe(body.substr(members.size() + 1));
  ASSERT_NE("{" + urlsafe, body) << "the signature holds no character that differs";
  const SigningKeys keys = Read("{" + urlsafe);
  EXPECT_EQ(ReasonOf(keys), "ok");
  EXPECT_EQ(WarningsOf(keys), std::set{Warning::kKeysUrlsafeBase64});
}

TEST(SigningKeys, MayHaveUnusualIds) {
  const std::string members = R"("server_name":"example.org",)" + std::string(kValid) + "," +
                              VerifyKey("ed25519:a-b", SigningKey().PublicKey());
  const SigningKeys keys = Read(Signed(members, "ed25519:a-b"));
  EXPECT_EQ(ReasonOf(keys), "ok");
  EXPECT_EQ(WarningsOf(keys), std::set{Warning::kKeysNonstandardKeyId});
}

TEST(SigningKeys, AreBounded) {
  std::string entries;
  for (std::size_t i = 0; i <= kSigningKeysMax; ++i) {
    entries += (i == 0 ? "" : ",") + std::string("\"ed25519:k") + std::to_string(i) +
               R"(":{"key":")" + SigningKey().PublicKey() + "\"}";
  }
  const std::string body = R"({"server_name":"example.org",)" + std::string(kValid) +
                           R"(,"signatures":{},"verify_keys":{)" + entries + "}}";
  EXPECT_EQ(ReasonOf(Read(body)), "keys_invalid_field");
}

TEST(SigningKeys, HaveIdsOfABoundedLength) {
  const std::string longest = "ed25519:" + std::string(kKeyIdLengthMax - 8, 'a');
  const auto body = [](const std::string& id) {
    return Signed(R"("server_name":"example.org",)" + std::string(kValid) + "," +
                      VerifyKey(id, SigningKey().PublicKey()),
                  id);
  };
  EXPECT_EQ(ReasonOf(Read(body(longest))), "ok");
  EXPECT_EQ(ReasonOf(Read(body(longest + "a"))), "keys_invalid_field");
}

TEST(SigningKeys, QuoteTheBeginningOfAnEndlessServerName) {
  const SigningKeys keys =
      Read(Signed(R"("server_name":")" + std::string(100'000, 'a') + R"(",)" + std::string(kValid) +
                  "," + VerifyKey("ed25519:1", SigningKey().PublicKey())));
  EXPECT_EQ(ReasonOf(keys), "keys_server_name_mismatch");
  EXPECT_LE(keys.server_name.size(), kServerNameLengthMax + 3);
}

// More old keys than are looked at, the current one among the others.
TEST(SigningKeys, AreFoundAmongManyOldOnes) {
  const std::string entry =
      R"(":{"key":")" + EncodeBase64(std::string(32, 'k')) + R"(","expired_ts":1})";
  std::string old_keys;
  for (std::size_t i = 0; i < kSigningKeysMax; ++i) {
    old_keys += "\"ed25519:0" + std::to_string(i) + entry + ",";
  }
  const SigningKeys keys = Read(SignedWith(std::string(kValid) + R"(,"old_verify_keys":{)" +
                                           old_keys + "\"ed25519:1" + entry + "}"));
  EXPECT_TRUE(keys.has_more_old_keys);
  EXPECT_EQ(ReasonOf(keys), "keys_key_both_current_and_old");
}

TEST(SigningKeys, TakeAMediaTypeWhateverItsCaseAndParameters) {
  for (const char* type :
       {"application/json; charset=utf-8", "Application/JSON", "application/json "}) {
    HttpExchange answer = JsonAnswer(200, KeysDocument(kName));
    answer.content_type = type;
    EXPECT_EQ(ReasonOf(ReadSigningKeys(answer, kName, kNow)), "ok") << type;
  }
  for (const char* type : {"", "application/jsonp", "text/json", "application/activity+json"}) {
    HttpExchange answer = JsonAnswer(200, KeysDocument(kName));
    answer.content_type = type;
    EXPECT_EQ(ReasonOf(ReadSigningKeys(answer, kName, kNow)), "keys_invalid_content_type") << type;
  }
}

TEST(VerifyEd25519, RefusesOctetsOfTheWrongLength) {
  EXPECT_FALSE(VerifyEd25519("", "message", std::string(64, 'x')));
  EXPECT_FALSE(VerifyEd25519(std::string(31, 'x'), "message", std::string(64, 'x')));
  EXPECT_FALSE(VerifyEd25519(std::string(32, 'x'), "message", ""));
}

}  // namespace
}  // namespace matrix_federation
