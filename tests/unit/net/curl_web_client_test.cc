#include "net/curl_web_client.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <string>

#include "net/asio.h"
#include "unit/net/patience.h"

// Whose headers count.

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using matrix_federation::IpAddress;
using matrix_federation::WebRequest;
using matrix_federation::WebResponse;
using matrix_federation::WebStage;

// Answers one request with these octets.
asio::awaitable<void> Answer(tcp::acceptor& acceptor, std::string octets) {
  tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
  std::string request;
  co_await asio::async_read_until(peer, asio::dynamic_buffer(request), "\r\n\r\n",
                                  asio::use_awaitable);
  co_await asio::async_write(peer, asio::buffer(octets), asio::as_tuple(asio::use_awaitable));
}

WebResponse ResponseTo(const std::string& octets) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  CurlWebClient client(io.get_executor(), "test", TLS1_2_VERSION);
  const std::uint16_t port = acceptor.local_endpoint().port();
  const WebRequest request{.https = false,
                           .host = "example.org",
                           .port = port,
                           .target = "/",
                           .address = {*IpAddress::Parse("127.0.0.1"), port},
                           .body_max = 1000};
  asio::co_spawn(io, Answer(acceptor, octets), asio::detached);
  auto response = asio::co_spawn(io, client.Get(request, kPatience, Deadline()), asio::use_future);
  while (response.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (io.run_one_for(kPatience) == 0) throw std::runtime_error("no response");
  }
  return response.get();
}

TEST(CurlWebClient, TakesNoHeaderOfAnInterimResponse) {
  const WebResponse response = ResponseTo(
      "HTTP/1.1 103 Early Hints\r\nLocation: /elsewhere\r\nCache-Control: max-age=1\r\n"
      "Expires: 0\r\n\r\n"
      "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.cache_control, "max-age=60");
  EXPECT_EQ(response.location, "");
  EXPECT_FALSE(response.has_expires);
}

TEST(CurlWebClient, TakesNoHeaderOfATrailer) {
  const WebResponse response = ResponseTo(
      "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\n{}\r\n0\r\nLocation: /elsewhere\r\nCache-Control: max-age=1\r\nExpires: 0\r\n\r\n");
  EXPECT_EQ(response.stage, WebStage::kDone);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.cache_control, "max-age=60");
  EXPECT_EQ(response.location, "");
  EXPECT_FALSE(response.has_expires);
}

TEST(CurlWebClient, BoundsTheHeadersOfAllResponsesTogether) {
  std::string octets;
  for (int i = 0; i < 5; ++i) {
    octets += "HTTP/1.1 103 Early Hints\r\nX-More: " + std::string(20'000, 'a') + "\r\n\r\n";
  }
  EXPECT_TRUE(ResponseTo(octets + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").too_large);
}

std::string WithLongBody(const std::string& status, const std::string& fields = "") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: 1001\r\n\r\n" +
         std::string(1001, 'x');
}

TEST(CurlWebClient, BoundsTheBody) {
  const WebResponse response = ResponseTo(WithLongBody("200 OK"));
  EXPECT_EQ(response.stage, WebStage::kResponse);
  EXPECT_TRUE(response.too_large);
}

TEST(CurlWebClient, TakesAnErrorForOneHoweverLongItsPageIs) {
  const WebResponse response = ResponseTo(WithLongBody("404 Not Found"));
  EXPECT_EQ(response.stage, WebStage::kDone);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "");
  EXPECT_FALSE(response.too_large);
  EXPECT_EQ(response.error, "");
}

TEST(CurlWebClient, TakesARedirectForOneHoweverLongItsPageIs) {
  const WebResponse response = ResponseTo(WithLongBody("302 Found", "Location: /elsewhere\r\n"));
  EXPECT_EQ(response.stage, WebStage::kDone);
  EXPECT_EQ(response.location, "/elsewhere");
}

}  // namespace
}  // namespace net
