#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <map>
#include <optional>

#include "local_server.h"
#include "raw_client.h"
#include "test_certificate.h"
#include "web/tls_context.h"

namespace web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::MakeCertificate;
using testing::RawClient;
using testing::TestCertificate;

const TestCertificate& ServerCertificate() {
  static const TestCertificate certificate = MakeCertificate("DNS:localhost");
  return certificate;
}

const TestCertificate& ClientCertificateOf(const std::string& names) {
  static std::map<std::string, TestCertificate> certificates;
  return certificates.try_emplace(names, MakeCertificate(names)).first->second;
}

TlsSettings Settings() {
  return {.certificate = ServerCertificate().certificate, .key = ServerCertificate().key};
}

// What the whole answer to a GET is; none when the connection does not come about or ends early.
std::optional<std::string> GetThroughTls(
    int port, const TestCertificate* shown = nullptr,
    const std::function<void(SSL_CTX*)>& prepare = [](SSL_CTX*) {}) {
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tls_client);
  if (shown != nullptr) {
    context.use_certificate_chain(asio::buffer(shown->certificate));
    context.use_private_key(asio::buffer(shown->key), asio::ssl::context::pem);
  }
  prepare(context.native_handle());
  asio::ssl::stream<tcp::socket> stream(io, context);
  stream.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
  boost::system::error_code error;
  stream.handshake(asio::ssl::stream_base::client, error);
  if (error) return std::nullopt;
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  asio::write(stream, asio::buffer(request), error);
  std::string answer;
  if (!error) asio::read(stream, asio::dynamic_buffer(answer), error);
  if (answer.empty()) return std::nullopt;
  EXPECT_EQ(error, asio::error::eof) << "the end was not told by TLS: " << error.message();
  return answer;
}

// A client that asks again on the same connection.
class KeptClient {
 public:
  KeptClient(int port, const TestCertificate& shown) {
    context_.use_certificate_chain(asio::buffer(shown.certificate));
    context_.use_private_key(asio::buffer(shown.key), asio::ssl::context::pem);
    stream_.emplace(io_, context_);
    stream_->next_layer().connect(
        {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
    stream_->handshake(asio::ssl::stream_base::client);
  }

  bool Gets200() {
    boost::system::error_code error;
    const std::string request = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    asio::write(*stream_, asio::buffer(request), error);
    std::string head;
    if (!error) asio::read_until(*stream_, asio::dynamic_buffer(head), "\r\n\r\n", error);
    return head.starts_with("HTTP/1.1 200 ");
  }

 private:
  asio::io_context io_;
  asio::ssl::context context_{asio::ssl::context::tls_client};
  std::optional<asio::ssl::stream<tcp::socket>> stream_;
};

// The answer to a GET within which the client changes its keys this many times (RFC 8446 section
// 4.6.3); none when the connection ends before it.
std::optional<std::string> GetWithKeyUpdates(int port, std::size_t count) {
  asio::io_context io;
  asio::ssl::context context(asio::ssl::context::tlsv13_client);
  asio::ssl::stream<tcp::socket> stream(io, context);
  stream.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
  stream.handshake(asio::ssl::stream_base::client);
  const std::string request =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: " + std::string(count, 'x') +
      "\r\n\r\n";
  boost::system::error_code error;
  for (std::size_t i = 0; i < request.size() && !error; ++i) {
    if (i < count) SSL_key_update(stream.native_handle(), SSL_KEY_UPDATE_NOT_REQUESTED);
    asio::write(stream, asio::buffer(&request[i], 1), error);
  }
  std::string answer;
  if (!error) asio::read(stream, asio::dynamic_buffer(answer), error);
  if (answer.empty()) return std::nullopt;
  return answer;
}

class TlsTest : public testing::LocalServer {
 protected:
  void Start(Protection protection, ServerOptions options = {}) {
    Become(std::move(protection));
    options.protection = [this] { return std::atomic_load(&current_); };
    Serve({{"/", "the front page",
            [](const Request&) { return Text(200, std::string(100'000, 'x')); }}},
          std::move(options));
  }

  void Start(const TlsSettings& settings, ServerOptions options = {}) {
    Start(Protection{.tls = Tls(settings)}, std::move(options));
  }

  void Become(Protection protection) {
    std::atomic_store(&current_, std::make_shared<const Protection>(std::move(protection)));
  }

  static std::shared_ptr<TlsContext> Tls(const TlsSettings& settings) {
    std::string error;
    auto context = MakeTlsContext(settings, error);
    EXPECT_TRUE(context) << error;
    return context;
  }

  std::shared_ptr<const Protection> current_;
};

TEST_F(TlsTest, Serves) {
  Start(Settings());
  const auto answer = GetThroughTls(port_);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answer->ends_with(std::string(100'000, 'x')));
}

TEST_F(TlsTest, TellsAClientWithoutTlsWhatThisPortSpeaks) {
  Start(Settings());
  RawClient client(port_);
  const auto response = client.Get("/");
  EXPECT_EQ(response.Status(), 400);
  EXPECT_NE(response.body.find("https://"), std::string::npos) << response.body;
}

TEST_F(TlsTest, LetsClientsGoThatDoNotEndTheirHandshake) {
  Start(Settings(), {.handshake_timeout = std::chrono::seconds(1)});
  RawClient silent(port_);
  RawClient half_way(port_);
  half_way.Send("\x16\x03\x01\x02");
  EXPECT_TRUE(GetThroughTls(port_)) << "others are served meanwhile";
  EXPECT_EQ(silent.ReceiveUntilClosed(), "");
  EXPECT_EQ(half_way.ReceiveUntilClosed(), "");
}

TEST_F(TlsTest, OutlivesNonsenseInsteadOfAHandshake) {
  Start(Settings());
  for (int i = 0; i < 20; ++i) {
    RawClient client(port_);
    client.Send("\x16\x03\x01\x02" + std::string(600, static_cast<char>(i)));
    client.CloseSending();
    client.ReceiveUntilClosed();
  }
  EXPECT_TRUE(GetThroughTls(port_));
}

TEST_F(TlsTest, ServesWhileClientsThatNeverEndTheirHandshakesTakeAllConnections) {
  Start(Settings(), {.max_connections = 8});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 30; ++i) {
    slow.push_back(std::make_unique<RawClient>());
    slow.back()->Connect(port_, 2);
    slow.back()->Send("\x16\x03");
  }
  EXPECT_TRUE(GetThroughTls(port_));
}

TEST_F(TlsTest, TakesNewKeysOfAClientAFewTimes) {
  Start(Settings());
  const auto answer = GetWithKeyUpdates(port_, 10);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(TlsTest, LetsAClientGoThatSendsNewKeysWithoutEnd) {
  Start(Settings());
  EXPECT_FALSE(GetWithKeyUpdates(port_, 1000));
  EXPECT_TRUE(GetThroughTls(port_)) << "others are served";
}

TEST_F(TlsTest, LetsAClientGoThatSpeaksNoTlsOnceThereIsSome) {
  Start(Protection{});
  RawClient client(port_);
  EXPECT_EQ(client.Get("/").Status(), 200);
  Become({.tls = Tls(Settings())});
  client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(TlsTest, LetsAClientGoWhoseCertificateIsNoLongerTakenOnceItAsksAgain) {
  const TestCertificate& known = ClientCertificateOf("DNS:known");
  TlsSettings settings = Settings();
  settings.client_certificate = ClientCertificate::kRequiredVerified;
  settings.client_ca = known.certificate;
  Start(settings);
  KeptClient client(port_, known);
  EXPECT_TRUE(client.Gets200());
  settings.client_ca = ClientCertificateOf("DNS:unknown").certificate;
  Become({.tls = Tls(settings)});
  EXPECT_FALSE(client.Gets200());
}

TEST_F(TlsTest, KeepsAClientWhileOnlyWhatIsNotTlsChanges) {
  const TestCertificate& shown = ClientCertificateOf("DNS:known");
  const auto tls = Tls(Settings());
  Start(Protection{.tls = tls});
  KeptClient client(port_, shown);
  EXPECT_TRUE(client.Gets200());
  Become({.tls = tls, .fields = {{"X-A", "1"}}});
  EXPECT_TRUE(client.Gets200());
}

TEST_F(TlsTest, SpeaksNoOlderVersionThanAllowed) {
  Start(Settings());
  const auto only_tls11 = [](SSL_CTX* context) {
    SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  };
  EXPECT_FALSE(GetThroughTls(port_, nullptr, only_tls11));
}

TEST_F(TlsTest, SpeaksAnOldVersionWhenToldTo) {
  TlsSettings settings = Settings();
  settings.min_version = 10;
  Start(settings);
  const auto only_tls10 = [](SSL_CTX* context) {
    SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_VERSION);
  };
  EXPECT_TRUE(GetThroughTls(port_, nullptr, only_tls10));
}

TEST_F(TlsTest, OffersOnlyTheCipherSuitesAndCurvesConfigured) {
  TlsSettings settings = Settings();
  settings.max_version = 12;
  settings.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"};
  settings.curves = {"CurveP384"};
  Start(settings);
  const auto with = [](const char* ciphers, const char* groups) {
    return [=](SSL_CTX* context) {
      SSL_CTX_set_cipher_list(context, ciphers);
      SSL_CTX_set1_groups_list(context, groups);
    };
  };
  EXPECT_TRUE(GetThroughTls(port_, nullptr, with("DEFAULT", "X25519:P-384:P-256")));
  EXPECT_FALSE(GetThroughTls(port_, nullptr, with("ECDHE-ECDSA-AES128-GCM-SHA256", "P-384:P-256")));
  EXPECT_FALSE(GetThroughTls(port_, nullptr, with("DEFAULT", "X25519:P-256")));
}

// Whether each kind of client gets an answer.
struct Answered {
  bool without;
  bool with_known;
  bool with_unknown;
  bool operator==(const Answered&) const = default;
};

void PrintTo(const Answered& answered, std::ostream* out) {
  *out << answered.without << answered.with_known << answered.with_unknown;
}

TEST_F(TlsTest, TreatsClientsByThePolicy) {
  const TestCertificate& known = ClientCertificateOf("DNS:known");
  const TestCertificate& unknown = ClientCertificateOf("DNS:unknown");
  const std::vector<std::pair<ClientCertificate, Answered>> policies = {
      {ClientCertificate::kNone, {true, true, true}},
      {ClientCertificate::kRequested, {true, true, true}},
      {ClientCertificate::kRequired, {false, true, true}},
      {ClientCertificate::kVerifiedIfGiven, {true, true, false}},
      {ClientCertificate::kRequiredVerified, {false, true, false}},
  };
  for (const auto& [policy, expected] : policies) {
    TlsSettings settings = Settings();
    settings.client_certificate = policy;
    settings.client_ca = known.certificate;
    Start(settings);
    const Answered answered{GetThroughTls(port_).has_value(),
                            GetThroughTls(port_, &known).has_value(),
                            GetThroughTls(port_, &unknown).has_value()};
    EXPECT_EQ(answered, expected) << static_cast<int>(policy);
    Stop();
    context_.restart();
  }
}

TEST_F(TlsTest, LetsInOnlyClientsWithAnAllowedName) {
  TlsSettings settings = Settings();
  settings.client_certificate = ClientCertificate::kRequired;
  settings.client_allowed_sans = {"scraper.test", "192.0.2.7", "2001:db8::7", "me@example.org",
                                  "spiffe://a/b"};
  Start(settings);
  for (const char* names : {"DNS:other.test,DNS:scraper.test", "IP:192.0.2.7", "IP:2001:db8::7",
                            "email:me@example.org", "URI:spiffe://a/b"}) {
    EXPECT_TRUE(GetThroughTls(port_, &ClientCertificateOf(names))) << names;
  }
  for (const char* names : {"DNS:other.test", "DNS:a.scraper.test", "DNS:scraper.test.evil.test",
                            "IP:192.0.2.8", "email:scraper.test@evil.test"}) {
    EXPECT_FALSE(GetThroughTls(port_, &ClientCertificateOf(names))) << names;
  }
}

TEST(TlsContext, SaysWhatDoesNotFit) {
  const auto error_of = [](const std::function<void(TlsSettings&)>& change) {
    TlsSettings settings = Settings();
    change(settings);
    std::string error;
    EXPECT_FALSE(MakeTlsContext(settings, error));
    return error;
  };
  EXPECT_NE(error_of([](auto& s) { s.certificate = "nonsense"; }).find("certificate"),
            std::string::npos);
  EXPECT_NE(error_of([](auto& s) { s.key = "nonsense"; }).find("the key"), std::string::npos);
  EXPECT_NE(error_of([](auto& s) { s.key = MakeCertificate("DNS:other").key; }).find("the key"),
            std::string::npos);
  EXPECT_NE(error_of([](auto& s) { s.client_ca = "nonsense"; }).find("client CA"),
            std::string::npos);
  EXPECT_NE(error_of([](auto& s) { s.max_version = 11; }).find("min_version"), std::string::npos);
  EXPECT_NE(error_of([](auto& s) {
              s.max_version = 12;
              s.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
            }).find("cipher_suites"),
            std::string::npos);
}

TEST(TlsContext, TakesEveryCipherSuiteAndCurveThatIsListed) {
  for (const std::string_view suite : CipherSuites()) {
    TlsSettings settings = Settings();
    settings.cipher_suites = {std::string(suite)};
    std::string error;
    EXPECT_TRUE(MakeTlsContext(settings, error)) << suite << ": " << error;
  }
  for (const std::string_view curve : Curves()) {
    TlsSettings settings = Settings();
    settings.curves = {std::string(curve)};
    std::string error;
    EXPECT_TRUE(MakeTlsContext(settings, error)) << curve << ": " << error;
  }
}

}  // namespace
}  // namespace web
