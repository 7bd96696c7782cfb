#include "matrix_federation/local_fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/use_future.hpp>
#include <cerrno>
#include <future>
#include <memory>
#include <vector>

#include "net/asio.h"
#include "net/cares_dns_client.h"
#include "net/curl_web_client.h"
#include "net/openssl_federation_client.h"
#include "unit/net/patience.h"
#include "unit/no_more_descriptors.h"

// What this machine lacks is never told of a peer: Observe turns the exception into internal_error.

namespace net {
namespace {

namespace asio = boost::asio;
using matrix_federation::IpAddress;
using matrix_federation::IsLocalFault;
using testing::HasSubstr;

// An event loop that has its own descriptors already, as that of a daemon does.
struct Loop {
  asio::io_context io;
  asio::steady_timer timer{io};
};

// What the operation throws while no descriptor is left.
template <typename T>
std::string Complaint(asio::io_context& io, asio::awaitable<T> operation) {
  const unit::NoMoreDescriptors none;
  std::string complaint = "none";
  asio::co_spawn(io, std::move(operation), [&](std::exception_ptr error, auto) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const std::exception& thrown) {
      complaint = thrown.what();
    }
    io.stop();
  });
  io.run_for(kPatience);
  return complaint;
}

matrix_federation::SocketAddress Address() { return {*IpAddress::Parse("127.0.0.1"), 1}; }

std::vector<matrix_federation::Endpoint> Endpoints() {
  return {{.address = Address(), .sni = "example.org", .host_header = "example.org"}};
}

// Answers one question.
asio::awaitable<void> Refuse(asio::ip::udp::socket& server) {
  std::array<unsigned char, 512> packet{};
  asio::ip::udp::endpoint asker;
  const std::size_t length =
      co_await server.async_receive_from(asio::buffer(packet), asker, asio::use_awaitable);
  packet[2] |= 0x80;  // a response
  packet[3] = 5;      // REFUSED
  co_await server.async_send_to(asio::buffer(packet, length), asker, asio::use_awaitable);
}

TEST(LocalFault, IsAWantOfDescriptorsOrMemory) {
  for (const int error : {EMFILE, ENFILE, ENOMEM, ENOBUFS}) EXPECT_TRUE(IsLocalFault(error));
  for (const int error : {0, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT}) {
    EXPECT_FALSE(IsLocalFault(error)) << error;
  }
}

TEST(LocalFault, IsNotToldOfADnsServer) {
  Loop loop;
  asio::io_context& io = loop.io;
  std::string error;
  std::vector<matrix_federation::DnsStatus> told;
  const auto client = CaresDnsClient::Create(
      io.get_executor(), {.servers = {"127.0.0.1:1"}},
      [&](auto, auto status) { told.push_back(status); }, error);
  ASSERT_TRUE(client) << error;
  EXPECT_THAT(
      Complaint(io, client->Query({{"example.org", matrix_federation::DnsType::kA}}, Deadline())),
      HasSubstr("no descriptor is left"));
  EXPECT_TRUE(told.empty());
}

TEST(LocalFault, IsNotToldOfAWebServer) {
  Loop loop;
  asio::io_context& io = loop.io;
  CurlWebClient client(io.get_executor(), "test", TLS1_2_VERSION);
  const matrix_federation::WebRequest request{
      .host = "example.org", .target = "/", .address = Address()};
  EXPECT_THAT(Complaint(io, client.Get(request, kPatience, Deadline())),
              HasSubstr("no descriptor is left"));
}

TEST(LocalFault, IsNotToldOfAHomeserver) {
  Loop loop;
  asio::io_context& io = loop.io;
  OpensslFederationClient client(io.get_executor(), "test", TLS1_2_VERSION);
  EXPECT_THAT(Complaint(io, client.Knock(Endpoints(), kPatience, Deadline())),
              HasSubstr("no descriptor is left"));
}

TEST(LocalFault, SaysNothingOfTheNetwork) {
  Loop loop;
  asio::io_context& io = loop.io;
  const OpensslFederationClient client(io.get_executor(), "test", TLS1_2_VERSION);
  const unit::NoMoreDescriptors none;
  EXPECT_TRUE(client.NetworkHas(4));
}

// The question after it gets what the server says: here, that it refuses.
TEST(LocalFault, PassesWithItsCause) {
  Loop loop;
  asio::io_context& io = loop.io;
  asio::ip::udp::socket server(io, {asio::ip::address_v4::loopback(), 0});
  std::string error;
  const auto client = CaresDnsClient::Create(
      io.get_executor(),
      {.servers = {"127.0.0.1:" + std::to_string(server.local_endpoint().port())}},
      [](auto, auto) {}, error);
  ASSERT_TRUE(client) << error;
  const auto ask = [&] {
    return client->Query({{"example.org", matrix_federation::DnsType::kA}}, Deadline());
  };
  ASSERT_THAT(Complaint(io, ask()), HasSubstr("no descriptor is left"));
  io.restart();
  asio::co_spawn(io, Refuse(server), asio::detached);
  auto answers = asio::co_spawn(io, ask(), asio::use_future);
  while (answers.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    ASSERT_NE(io.run_one_for(kPatience), 0U);
  }
  EXPECT_EQ(answers.get().front().status, matrix_federation::DnsStatus::kRefused);
}

}  // namespace
}  // namespace net
