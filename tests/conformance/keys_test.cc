#include "conformance/vectors.h"
#include "fakes/signing_key.h"
#include "hex.h"
#include "matrix_federation/canonical_json.h"
#include "matrix_federation/signing_keys.h"

namespace conformance {
namespace {

namespace mf = matrix_federation;

class Keys : public testing::TestWithParam<Case> {};
class CanonicalJson : public testing::TestWithParam<Case> {};
class Signing : public testing::TestWithParam<Case> {};
class Base64 : public testing::TestWithParam<Case> {};

mf::HttpExchange ResponseOf(const YAML::Node& response) {
  mf::HttpExchange exchange{.asked = true, .status = response["status"].as<int>()};
  if (const YAML::Node type = At(response, "headers.Content-Type")) {
    exchange.content_type = type.as<std::string>();
  }
  exchange.body = response["body"].as<std::string>();
  return exchange;
}

std::string ValidUntilText(const mf::SigningKeys& keys) {
  return keys.valid_until ? std::to_string(keys.valid_until->time_since_epoch().count()) : "null";
}

TEST_P(Keys, Holds) {
  const Case& each = GetParam();
  const auto keys = mf::ReadSigningKeys(ResponseOf(each.input["keys_response"]),
                                        each.input["server_name"].as<std::string>(), NowOf(each));
  EXPECT_EQ(keys.ok(), each.expected["keys_ok"].as<bool>());
  EXPECT_TRUE(RightValues(each, "reason").contains(ReasonText(keys.failure())))
      << ReasonText(keys.failure());
  const auto verified = TextsOf(each.expected["verified_key_ids"]);
  if (keys.ok() || !verified.empty()) {
    EXPECT_EQ(keys.verified_key_ids, verified);
  }
  EXPECT_EQ(ValidUntilText(keys), TextOf(each.expected["effective_valid_until_ts"]));
  const auto words = WordsOf(keys.warnings);
  for (const std::string& warning : TextsOf(each.expected["warnings"])) {
    EXPECT_TRUE(words.contains(warning)) << warning << " is missing";
  }
}

mf::Outcome<std::string> CanonicalFormOf(const Case& each) {
  std::string error;
  const auto value = mf::JsonValue::Parse(each.input["json_text"].as<std::string>(), error);
  EXPECT_TRUE(value) << error;
  return mf::CanonicalJson(value.value_or(mf::JsonValue()));
}

TEST_P(CanonicalJson, Holds) {
  const Case& each = GetParam();
  const auto canonical = CanonicalFormOf(each);
  if (each.expected["canonical"].IsNull()) {
    ASSERT_FALSE(canonical) << *canonical;
    EXPECT_EQ(Word(canonical.failure().reason), TextOf(each.expected["reason"]));
    return;
  }
  ASSERT_TRUE(canonical) << canonical.failure().detail;
  EXPECT_EQ(*canonical, TextOf(each.expected["canonical"]));
  if (each.expected["canonical_hex"]) {
    EXPECT_EQ(mf::ToHex(*canonical), TextOf(each.expected["canonical_hex"]));
  }
}

TEST_P(Signing, Holds) {
  const Case& each = GetParam();
  const mf::fakes::SigningKey key(each.input["signing_seed_base64"].as<std::string>());
  const auto canonical = CanonicalFormOf(each);
  ASSERT_TRUE(canonical);
  const std::string signature = TextOf(each.expected["signature"]);
  const std::string public_key = TextOf(each.expected["public_key"]);
  EXPECT_EQ(key.PublicKey(), public_key);
  EXPECT_EQ(key.Sign(*canonical), signature);
  EXPECT_TRUE(mf::VerifyEd25519(mf::DecodeBase64(public_key).value(), *canonical,
                                mf::DecodeBase64(signature).value()));
}

TEST_P(Base64, Holds) {
  const Case& each = GetParam();
  std::vector<std::string> decoded;
  for (const std::string& text : TextsOf(each.input["base64"])) {
    decoded.push_back(mf::ToHex(mf::DecodeBase64(text).value_or("not base64")));
  }
  EXPECT_EQ(decoded, TextsOf(each.expected["hex"]));
}

INSTANTIATE_TEST_SUITE_P(Vectors, Keys, testing::ValuesIn(CasesWith("keys", "keys_response")),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, CanonicalJson, testing::ValuesIn(CasesWith("keys", "json_text")),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, Signing,
                         testing::ValuesIn(CasesWith("keys", "signing_seed_base64")), NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, Base64, testing::ValuesIn(CasesWith("keys", "base64")), NameOf);

}  // namespace
}  // namespace conformance
