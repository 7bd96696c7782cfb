#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "net/asio.h"
#include "net/cares_dns_client.h"
#include "net/curl_web_client.h"
#include "net/openssl_federation_client.h"
#include "unit/net/patience.h"

// A reload replaces clients while the event loop goes on, and handlers that were already waiting in
// its queue come too late. A daemon that is stopped abandons its probes: the clients end first, the
// event loop destroys the suspended coroutines last. Run with the address sanitizer, a dangling
// reference shows here.

namespace net {
namespace {

namespace asio = boost::asio;
using matrix_federation::IpAddress;
using matrix_federation::SocketAddress;

constexpr auto kConnectTimeout = std::chrono::seconds(10);

// A server that accepts and never speaks.
class SilentServer {
 public:
  explicit SilentServer(asio::io_context& io)
      : acceptor_(io, {asio::ip::address_v4::loopback(), 0}), peer_(io) {
    acceptor_.async_accept(peer_, [this](auto error) { accepted_ = !error; });
  }
  [[nodiscard]] SocketAddress address() const {
    return {*IpAddress::Parse("127.0.0.1"), acceptor_.local_endpoint().port()};
  }
  [[nodiscard]] bool accepted() const { return accepted_; }

 private:
  asio::ip::tcp::acceptor acceptor_;
  asio::ip::tcp::socket peer_;
  bool accepted_ = false;
};

void RunUntilAccepted(asio::io_context& io, const SilentServer& server) {
  while (!server.accepted()) ASSERT_NE(io.run_one_for(kPatience), 0U);
  // What the client still had to do on being connected.
  io.poll();
}

TEST(Abandoned, WebRequestDiesWithTheEventLoop) {
  asio::io_context io;
  SilentServer server(io);
  auto client = std::make_unique<CurlWebClient>(io.get_executor(), "test", TLS1_2_VERSION);
  matrix_federation::WebRequest request;
  request.host = "example.org";
  request.target = "/";
  request.address = server.address();
  asio::co_spawn(io, client->Get(std::move(request), kConnectTimeout, Deadline()), asio::detached);
  RunUntilAccepted(io, server);
  client.reset();
}

TEST(Abandoned, KnockDiesWithTheEventLoop) {
  asio::io_context io;
  SilentServer server(io);
  auto client =
      std::make_unique<OpensslFederationClient>(io.get_executor(), "test", TLS1_2_VERSION);
  std::vector<matrix_federation::Endpoint> endpoints(2);
  for (auto& endpoint : endpoints) {
    endpoint.address = server.address();
    endpoint.sni = "example.org";
    endpoint.host_header = "example.org";
  }
  asio::co_spawn(io, client->Knock(std::move(endpoints), kConnectTimeout, Deadline()),
                 asio::detached);
  RunUntilAccepted(io, server);
  client.reset();
}

TEST(Abandoned, DnsQueryDiesWithTheEventLoop) {
  asio::io_context io;
  asio::ip::udp::socket silent(io, {asio::ip::address_v4::loopback(), 0});
  DnsClientOptions options;
  options.servers = {"127.0.0.1:" + std::to_string(silent.local_endpoint().port())};
  std::string error;
  auto client = CaresDnsClient::Create(io.get_executor(), options, [](auto, auto) {}, error);
  ASSERT_TRUE(client) << error;
  std::vector<matrix_federation::DnsQuestion> questions{
      {"example.org", matrix_federation::DnsType::kA},
      {"example.org", matrix_federation::DnsType::kAaaa}};
  asio::co_spawn(io, client->Query(std::move(questions), Deadline()), asio::detached);
  bool asked = false;
  silent.async_wait(asio::ip::udp::socket::wait_read, [&](auto) { asked = true; });
  while (!asked) ASSERT_NE(io.run_one_for(kPatience), 0U);
  client.reset();
}

// Runs what is due once the time has come, all of it waiting in the queue by then: first `last`,
// then whatever the clients were to do.
void RunBehind(asio::io_context& io, std::chrono::milliseconds delay, std::function<void()> last) {
  asio::steady_timer timer(io, std::chrono::milliseconds(1));
  timer.async_wait([&](auto) { last(); });
  std::this_thread::sleep_for(delay);
  io.poll();
}

TEST(Replaced, DnsClientIsNotMissedByItsTick) {
  asio::io_context io;
  asio::ip::udp::socket silent(io, {asio::ip::address_v4::loopback(), 0});
  DnsClientOptions options;
  options.servers = {"127.0.0.1:" + std::to_string(silent.local_endpoint().port())};
  options.timeout = std::chrono::milliseconds(1);
  options.attempts = 1;
  std::string error;
  auto client = CaresDnsClient::Create(io.get_executor(), options, [](auto, auto) {}, error);
  ASSERT_TRUE(client) << error;
  bool given_up = false;
  asio::co_spawn(io, client->Query({{"example.org", matrix_federation::DnsType::kA}}, Deadline()),
                 [&](auto, auto) { given_up = true; });
  // The question is still on its way when nobody waits for the answer any more.
  while (!given_up) ASSERT_NE(io.run_one_for(kPatience), 0U);
  RunBehind(io, std::chrono::milliseconds(300), [&] { client.reset(); });
  EXPECT_FALSE(client);
}

}  // namespace
}  // namespace net
