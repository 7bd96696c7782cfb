#include "exporter/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using web::ClientCertificate;

constexpr const char* kHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

WebConfig Accepted(const std::string& text) {
  auto parsed = ParseWebConfig(text, "/etc/web/web.yml");
  EXPECT_THAT(parsed.mistakes, ElementsAre());
  return parsed.config.value_or(WebConfig());
}

std::vector<std::string> MistakesOf(const std::string& text) {
  const auto parsed = ParseWebConfig(text, "web.yml");
  EXPECT_EQ(parsed.config.has_value(), parsed.mistakes.empty());
  return parsed.mistakes;
}

TEST(WebConfig, MayBeEmpty) {
  for (const char* text : {"", "{}", "# nothing\n", "tls_server_config:\n", "tls_server_config: {}",
                           "basic_auth_users: {}", "http_server_config:\n  headers:\n"}) {
    const WebConfig config = Accepted(text);
    EXPECT_FALSE(config.tls) << text;
    EXPECT_TRUE(config.users.empty()) << text;
  }
}

TEST(WebConfig, ReadsEveryKey) {
  const WebConfig config = Accepted(std::string(R"(
tls_server_config:
  cert_file: cert.pem
  key_file: /secret/key.pem
  client_ca_file: ca/clients.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [scraper.test, 192.0.2.1]
  min_version: TLS11
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: no
  curve_preferences: [X25519, CurveP521]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'none'
    X-Frame-Options: sameorigin
    X-XSS-Protection: ""
rate_limit:
  interval: 1m30s
  burst: 7
basic_auth_users:
  alice: )") + kHash);
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.cert_file, "/etc/web/cert.pem");
  EXPECT_EQ(config.key_file, "/secret/key.pem");
  EXPECT_EQ(config.client_ca_file, "/etc/web/ca/clients.pem");
  EXPECT_EQ(config.tls->client_certificate, ClientCertificate::kRequiredVerified);
  EXPECT_THAT(config.tls->client_allowed_sans, ElementsAre("scraper.test", "192.0.2.1"));
  EXPECT_EQ(config.tls->min_version, 11);
  EXPECT_EQ(config.tls->max_version, 13);
  EXPECT_FALSE(config.tls->prefer_server_cipher_suites);
  EXPECT_THAT(config.tls->cipher_suites, ElementsAre("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
  EXPECT_THAT(config.tls->curves, ElementsAre("X25519", "CurveP521"));
  ASSERT_EQ(config.fields.size(), 2U) << "an empty value sets nothing";
  EXPECT_EQ(config.fields[0].value, "default-src 'none'");
  EXPECT_EQ(config.rate_limit.interval, std::chrono::seconds(90));
  EXPECT_EQ(config.rate_limit.burst, 7);
  EXPECT_EQ(config.users.at("alice"), kHash);
}

TEST(WebConfig, TakesCertificatesInline) {
  const WebConfig config = Accepted(
      "tls_server_config:\n  cert: |\n    one\n    two\n  key: three\n  client_ca: four\n"
      "  client_auth_type: VerifyClientCertIfGiven\n");
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.tls->certificate, "one\ntwo\n");
  EXPECT_EQ(config.tls->key, "three");
  EXPECT_EQ(config.tls->client_ca, "four");
}

struct Wrong {
  const char* text;
  const char* mistake;  // the beginning
};

class WrongWebConfig : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongWebConfig, IsToldWithItsPlace) {
  EXPECT_THAT(MistakesOf(GetParam().text), ElementsAre(HasSubstr(GetParam().mistake)))
      << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Text, WrongWebConfig,
    ::testing::Values(Wrong{"a: [", "web.yml:1:1: not YAML"},
                      Wrong{"- a", "web.yml:1:1: a list stands here"},
                      Wrong{"--- {}\n--- {}\n", "web.yml:2:5: a second YAML document"},
                      Wrong{"tls_config: {}", "web.yml:1:1: tls_config: unknown key"},
                      Wrong{"rate_limit: {}\nrate_limit: {}",
                            "web.yml:2:1: rate_limit: this key stands"},
                      Wrong{"? [a]\n: b", "a list stands here; a key is allowed"}));

INSTANTIATE_TEST_SUITE_P(
    Tls, WrongWebConfig,
    ::testing::Values(
        Wrong{"tls_server_config: x", "web.yml:1:20: tls_server_config: 'x' stands here"},
        Wrong{"tls_server_config:\n  certfile: a", "web.yml:2:3: tls_server_config.certfile"},
        Wrong{"tls_server_config:\n  key_file: a", "cert_file is missing"},
        Wrong{"tls_server_config:\n  cert_file: a", "key_file is missing"},
        Wrong{"tls_server_config:\n  min_version: TLS12\n  cert_file: a", "key_file is missing"},
        Wrong{"tls_server_config: {cert: a, cert_file: a, key: b}", "cert and cert_file both"},
        Wrong{"tls_server_config: {cert: a, key: b, client_ca: c}", "need a client_auth_type"},
        Wrong{"tls_server_config: {cert: a, key: b, client_auth_type: Maybe}",
              "client_auth_type: 'Maybe' is not allowed; NoClientCert, Req"},
        Wrong{"tls_server_config: {cert: a, key: b, client_auth_type: RequireAndVerifyClientCert}",
              "needs client_ca"},
        Wrong{"tls_server_config: {cert: a, key: b, client_allowed_sans: [c]}",
              "client_allowed_sans needs"},
        Wrong{"tls_server_config: {cert: a, key: b, min_version: TLS13, max_version: TLS12}",
              "min_version is above max_version"},
        Wrong{"tls_server_config: {cert: a, key: b, min_version: 1.2}", "TLS10, TLS11, TLS12"},
        Wrong{"tls_server_config: {cert: a, key: b, cipher_suites: [RC4]}",
              "web.yml:1:54: tls_server_config.cipher_suites: 'RC4' is not allowed; a list of"},
        Wrong{"tls_server_config: {cert: a, key: b, curve_preferences: [P256]}", "CurveP256"},
        Wrong{"tls_server_config: {cert: a, key: b, prefer_server_cipher_suites: 1}",
              "true or false"},
        Wrong{"tls_server_config: {cert: [a], key: b}", "a certificate in PEM form"}));

INSTANTIATE_TEST_SUITE_P(
    Http, WrongWebConfig,
    ::testing::Values(
        Wrong{"http_server_config: {http2: maybe}", "http2: 'maybe' is not allowed"},
        Wrong{"http_server_config: {headers: {X-Own: a}}", "headers.X-Own: unknown key"},
        Wrong{"http_server_config: {headers: {X-Frame-Options: allow}}", "deny, sameorigin"},
        Wrong{"http_server_config: {headers: {X-Content-Type-Options: ''}}", "nosniff"},
        Wrong{"http_server_config: {headers: {X-XSS-Protection: \"a\\r\\nSet-Cookie: b\"}}",
              "one line of printable ASCII"},
        Wrong{"http_server_config: {headers: [a]}", "headers: a list stands here"},
        Wrong{"rate_limit: {interval: soon}", "interval: 'soon' is not allowed"},
        Wrong{"rate_limit: {interval: 2h, burst: 1}", "interval: '2h' is not allowed"},
        Wrong{"rate_limit: {interval: 1s}", "rate_limit: burst is missing"},
        Wrong{"rate_limit: {interval: 1s, burst: -1}", "burst: '-1' is not allowed"}));

INSTANTIATE_TEST_SUITE_P(
    Users, WrongWebConfig,
    ::testing::Values(Wrong{"basic_auth_users: {a: secret}",
                            "web.yml:1:23: basic_auth_users.a: no bcrypt hash"},
                      Wrong{"basic_auth_users: {a: }", "no bcrypt hash"},
                      Wrong{"basic_auth_users: [a]", "a mapping is allowed"},
                      Wrong{"basic_auth_users: {'a:b': x}", "a user's name holds no ':'"},
                      Wrong{"basic_auth_users: {a: "
                            "$2b$19$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}",
                            "a bcrypt cost above 18"}));

TEST(WebConfig, TellsEveryMistakeInTheOrderOfTheLines) {
  EXPECT_THAT(MistakesOf("rate_limit: {burst: a}\nusers: {}\nhttp_server_config: {http2: 2}\n"),
              ElementsAre(HasSubstr(":1:21:"), HasSubstr(":2:1:"), HasSubstr(":3:29:")));
}

TEST(WebConfig, NamesEachWrongElementOfAListAtItsPlace) {
  EXPECT_THAT(
      MistakesOf("tls_server_config: {cert: a, key: b, cipher_suites: [FOO, "
                 "TLS_AES_128_GCM_SHA256, BAR]}"),
      ElementsAre(HasSubstr(":1:54: tls_server_config.cipher_suites: 'FOO' is not allowed"),
                  HasSubstr(":1:83: tls_server_config.cipher_suites: 'BAR' is not allowed")));
}

TEST(WebConfig, NeverQuotesSecrets) {
  for (const std::string& mistake : MistakesOf("tls_server_config: {cert: a, key: [hunter2]}\n"
                                               "basic_auth_users: {a: hunter2}")) {
    EXPECT_EQ(mistake.find("hunter2"), std::string::npos) << mistake;
  }
}

TEST(WebConfig, NamesTheFilesThatCannotBeRead) {
  const LoadedWebConfig loaded = LoadWebConfig("/nonexistent/web.yml");
  EXPECT_FALSE(loaded.protection);
  EXPECT_THAT(loaded.mistakes, ElementsAre(HasSubstr("named by --web.config.file")));
  EXPECT_THAT(loaded.files, ElementsAre("/nonexistent/web.yml"));
}

TEST(WebConfig, NamesTheFilesOfTlsAtTheirPlaces) {
  const std::string path = TESTDATA_DIRECTORY "/web_config/missing_files.yaml";
  EXPECT_THAT(LoadWebConfig(path).mistakes,
              ElementsAre(StartsWith(path + ":2:14: tls_server_config.cert_file: "),
                          StartsWith(path + ":3:13: tls_server_config.key_file: ")));
}

}  // namespace
}  // namespace exporter
