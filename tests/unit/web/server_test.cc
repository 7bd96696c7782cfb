#include "web/server.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <ctime>
#include <future>
#include <stdexcept>
#include <utility>

#include "local_server.h"
#include "raw_client.h"
#include "unit/no_more_descriptors.h"

namespace web {
namespace {

using testing::RawClient;
using testing::RawResponse;

constexpr std::size_t kHugeBody = 64 * 1024 * 1024;

const std::string& Metrics() {
  static const std::string text = [] {
    std::string lines;
    for (int i = 0; i < 50'000; ++i) lines += "up{server=\"" + std::to_string(i) + "\"} 1\n";
    return lines;
  }();
  return text;
}

std::vector<Route> Routes() {
  return {
      {"/", "the front page", [](const Request&) { return Text(200, "hello"); }},
      {.path = "/echo",
       .summary = "the query",
       .handler =
           [](const Request& r) { return Text(200, r.method + " " + r.path + " " + r.query); },
       .takes_parameters = true},
      {"/metrics", "metrics",
       [](const Request&) {
         return Response{.content_type = "text/plain; version=0.0.4",
                         .body = std::make_shared<const std::string>(Metrics()),
                         .compressible = true};
       }},
      {"/short", "too short to compress",
       [](const Request&) {
         Response response = Text(200, std::string(1024, 'x'));
         response.compressible = true;
         return response;
       }},
      {"/huge", "more than the buffers of a connection hold",
       [](const Request&) { return Text(200, std::string(kHugeBody, 'x')); }},
      {"/negotiated", "what the client likes",
       [](const Request& r) {
         Response response = Text(200, r.accept);
         response.compressible = response.negotiated = true;
         response.fields = {{"Cache-Control", "no-store"}, {"X-A", "1"}, {"X-A", "2"}};
         return response;
       }},
      {.path = "/reload",
       .summary = "does something",
       .handler = [](const Request& r) { return Text(200, r.method); },
       .methods = {"POST", "PUT"}},
      {"/parts", "a body in three parts",
       [](const Request&) {
         return Response{.next_part = [n = 0]() mutable -> std::string_view {
           static const std::string kParts[] = {"one ", std::string(100'000, '-'), " three", ""};
           return kParts[n++];
         }};
       }},
      {"/broken-parts", "fails behind the first part",
       [](const Request&) {
         return Response{.next_part = [first = true]() mutable -> std::string_view {
           if (!std::exchange(first, false)) throw std::runtime_error("secret");
           return "one";
         }};
       }},
      {"/none", "no body", [](const Request&) { return Response{.status = 503}; }},
      {"/throws", "fails", [](const Request&) -> Response { throw std::runtime_error("secret"); }},
      {"/throws-int", "fails oddly", [](const Request&) -> Response { throw 42; }},
  };
}

// Two responses may come in different seconds.
std::string WithoutDate(std::string head) {
  const auto start = head.find("Date: ");
  if (start == std::string::npos) return head;
  return head.erase(start, head.find("\r\n", start) + 2 - start);
}

class ServerTest : public testing::LocalServer {
 protected:
  void Start(ServerOptions options = {}) { Serve(Routes(), std::move(options)); }
};

TEST_F(ServerTest, AnswersAGet) {
  Start();
  const RawResponse response = RawClient(port_).Get("/");
  EXPECT_TRUE(response.head.starts_with("HTTP/1.1 200 OK\r\n")) << response.head;
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.Header("Content-Length"), "5");
  EXPECT_EQ(response.Header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff");
}

TEST_F(ServerTest, AnswersLaterWhereTheHandlerDoes) {
  std::vector<Route> routes = Routes();
  routes.push_back({.path = "/later",
                    .summary = "asks elsewhere",
                    .later = [this](const Request& r, Reply reply) {
                      boost::asio::post(context_,
                                        [reply, path = r.path] { reply(Text(500, path)); });
                    }});
  routes.push_back({.path = "/now",
                    .summary = "knows it",
                    .later = [](const Request&, const Reply& reply) { reply(Text(403, "no")); }});
  Serve(std::move(routes), {});
  RawClient client(port_);
  const RawResponse later = client.Get("/later");
  EXPECT_TRUE(later.head.starts_with("HTTP/1.1 500 ")) << later.head;
  EXPECT_EQ(later.body, "/later");
  EXPECT_EQ(client.Get("/now").body, "no");
  EXPECT_EQ(client.Get("/").body, "hello") << "the connection goes on";
}

TEST_F(ServerTest, DoesNotWaitForeverForAHandlerThatAnswersLater) {
  std::vector<Reply> kept;
  ServerOptions options;
  options.write_timeout = std::chrono::seconds(1);
  Serve({{.path = "/never",
          .summary = "forgets it",
          .later = [&kept](const Request&, const Reply& reply) { kept.push_back(reply); }}},
        std::move(options));
  EXPECT_TRUE(RawClient(port_).Get("/never").head.starts_with("HTTP/1.1 503 "));
  Stop();
}

TEST_F(ServerTest, SaysWhatTimeItIs) {
  Start();
  const std::string date = RawClient(port_).Get("/").Header("Date");
  std::tm parts{};
  const char* end = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  ASSERT_TRUE(end != nullptr && *end == '\0') << date;
  EXPECT_NEAR(static_cast<double>(::timegm(&parts)), static_cast<double>(std::time(nullptr)), 60);
}

TEST_F(ServerTest, HandsTheQueryToTheHandler) {
  Start();
  EXPECT_EQ(RawClient(port_).Get("/echo?a=1&b=2?3").body, "GET /echo a=1&b=2?3");
}

TEST_F(ServerTest, TakesATargetInAbsoluteForm) {
  Start();
  EXPECT_EQ(RawClient(port_).Get("http://localhost:1/echo?a").body, "GET /echo a");
}

TEST_F(ServerTest, AnswersAHeadWithTheHeadersOfAGetAndNoBody) {
  Start();
  RawClient client(port_);
  const RawResponse got = client.Get("/metrics", "Accept-Encoding: gzip\r\n");
  client.Send("HEAD /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_EQ(WithoutDate(client.Receive(/*to_head_request=*/true).head), WithoutDate(got.head));
  EXPECT_EQ(client.Get("/").body, "hello") << "bytes of a body came after the head";
}

TEST_F(ServerTest, AnswersWithoutABody) {
  Start();
  const RawResponse response = RawClient(port_).Get("/none");
  EXPECT_EQ(response.Status(), 503);
  EXPECT_EQ(response.Header("Content-Length"), "0");
}

TEST_F(ServerTest, NamesThePathsThereAreWhenAskedForAnother) {
  Start();
  const RawResponse response = RawClient(port_).Get("/metric");
  EXPECT_EQ(response.Status(), 404);
  EXPECT_NE(response.body.find("/metric "), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("/metrics  metrics\n"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("/  the front page\n"), std::string::npos) << response.body;
}

TEST_F(ServerTest, AllowsOnlyGetAndHead) {
  Start();
  RawClient client(port_);
  for (const char* method : {"POST", "DELETE", "BREW"}) {
    client.Send(method + std::string(" / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
    const RawResponse response = client.Receive();
    EXPECT_EQ(response.Status(), 405) << method;
    EXPECT_EQ(response.Header("Allow"), "GET, HEAD") << method;
  }
}

TEST_F(ServerTest, HandsTheLinesOfAcceptToTheHandlerAsOne) {
  Start();
  const RawResponse response =
      RawClient(port_).Get("/negotiated", "Accept: text/html\r\naccept: */*;q=0.1\r\n");
  EXPECT_EQ(response.body, "text/html, */*;q=0.1");
  EXPECT_EQ(response.Header("Vary"), "Accept, Accept-Encoding");
}

TEST_F(ServerTest, SendsTheFieldsOfTheHandler) {
  Start();
  const RawResponse response = RawClient(port_).Get("/negotiated");
  EXPECT_EQ(response.Header("Cache-Control"), "no-store");
  EXPECT_NE(response.head.find("X-A: 1\r\nX-A: 2\r\n"), std::string::npos) << response.head;
}

TEST_F(ServerTest, AnswersAPostWithoutABodyAndGoesOn) {
  Start();
  RawClient client(port_);
  client.Send("POST /reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "POST");
  client.Send("PUT /reload HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "PUT");
}

TEST_F(ServerTest, IgnoresASmallBodyOfAPostWithoutTakingItForARequest) {
  Start();
  RawClient client(port_);
  const std::string smuggled = "GET /echo?smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  client.Send("POST /reload HTTP/1.1\r\nHost: a\r\nContent-Length: " +
              std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled);
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.body, "POST");
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, RefusesALargeBodyOfAPost) {
  Start();
  RawClient client(port_);
  client.Send("POST /reload HTTP/1.1\r\nHost: a\r\nContent-Length: 4097\r\n\r\n");
  EXPECT_EQ(client.Receive().Status(), 413);
}

TEST_F(ServerTest, RefusesHeadersAboveTheBound) {
  Start({.header_max = 2000});
  RawClient client(port_);
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'x') + "\r\n\r\n");
  EXPECT_EQ(client.Receive().Status(), 431);
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, RefusesHeadersAboveTheBoundThatNeverEnd) {
  Start({.header_max = 2000});
  RawClient client(port_);
  client.Send("GET /" + std::string(2000, 'x'));
  EXPECT_EQ(client.Receive().Status(), 431);
}

TEST_F(ServerTest, TakesHeadersWithinTheBound) {
  Start({.header_max = 2000});
  EXPECT_EQ(RawClient(port_).Get("/", "X: " + std::string(1900, 'x') + "\r\n").Status(), 200);
}

TEST_F(ServerTest, RefusesABody) {
  Start();
  RawClient client(port_);
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(client.Receive().Status(), 413);
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, RefusesABodyOfUnknownLength) {
  Start();
  RawClient client(port_);
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(client.Receive().Status(), 413);
}

TEST_F(ServerTest, TakesNoBodyForARequestWhateverItsTransferEncoding) {
  Start();
  for (const char* coding : {"gzip", "xchunked", "chunked, identity"}) {
    RawClient client(port_);
    client.Send("POST /reload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string(coding) +
                "\r\n\r\nGET /echo?smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.Receive().Status(), 413) << coding;
    EXPECT_EQ(client.ReceiveUntilClosed(), "") << coding;
  }
}

TEST_F(ServerTest, RefusesAHugeBodyBeforeItIsSent) {
  Start();
  RawClient client(port_);
  client.Send(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Content-Length: 9999999999\r\n\r\n");
  EXPECT_EQ(client.Receive().Status(), 413);
}

TEST_F(ServerTest, RefusesABadRequestLine) {
  Start();
  RawClient client(port_);
  client.Send("GET\r\n\r\n");
  const RawResponse response = client.Receive();
  EXPECT_EQ(response.Status(), 400);
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, RefusesARequestWithoutHost) {
  Start();
  RawClient client(port_);
  client.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.Receive().Status(), 400);
}

TEST_F(ServerTest, KeepsTheConnectionForAnotherRequest) {
  Start();
  RawClient client(port_);
  EXPECT_EQ(client.Get("/echo?1").body, "GET /echo 1");
  EXPECT_EQ(client.Get("/echo?2").body, "GET /echo 2");
}

TEST_F(ServerTest, ClosesTheConnectionWhenAskedTo) {
  Start();
  RawClient client(port_);
  EXPECT_EQ(client.Get("/", "Connection: close\r\n").Header("Connection"), "close");
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, ClosesTheConnectionOfHttp10) {
  Start();
  RawClient client(port_);
  client.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(client.ReceiveUntilClosed().ends_with("\r\n\r\nhello"));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInTheirOrder) {
  Start();
  RawClient client(port_);
  client.Send(
      "GET /echo?1 HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /echo?2 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "GET /echo 1");
  EXPECT_EQ(client.Receive().body, "GET /echo 2");
}

TEST_F(ServerTest, AnswersMorePipelinedRequestsThanTheHeaderBoundHolds) {
  Start({.header_max = 256});
  RawClient client(port_);
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += "GET /echo?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.Send(requests);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.Receive().body, "GET /echo " + std::to_string(i));
  }
}

TEST_F(ServerTest, AnswersAClientThatHasClosedItsHalf) {
  Start();
  RawClient client(port_);
  client.Send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  client.CloseSending();
  EXPECT_EQ(client.Receive().body, Metrics());
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, SendsABodyPartByPart) {
  Start();
  RawClient client(port_);
  client.Send("GET /parts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string received = client.ReceiveUntilClosed();
  EXPECT_NE(received.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(received.substr(received.find("\r\n\r\n") + 4),
            "4\r\none \r\n186a0\r\n" + std::string(100'000, '-') + "\r\n6\r\n three\r\n0\r\n\r\n");
}

TEST_F(ServerTest, AnswersMoreRequestsAfterABodyInParts) {
  Start();
  RawClient client(port_);
  client.Send("HEAD /parts HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Receive(/*to_head_request=*/true).Status(), 200);
  EXPECT_EQ(client.Get("/").body, "hello");
}

TEST_F(ServerTest, EndsABodyInPartsWithTheConnectionForAnOldClient) {
  Start();
  RawClient client(port_);
  client.Send("GET /parts HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(
      client.ReceiveUntilClosed().ends_with("\r\n\r\none " + std::string(100'000, '-') + " three"));
}

TEST_F(ServerTest, LetsNobodyTakeABodyThatBrokeOffForTheWhole) {
  Start();
  RawClient client(port_);
  client.Send("GET /broken-parts HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.ReceiveUntilClosed().ends_with("\r\n\r\n3\r\none\r\n"));
  EXPECT_EQ(RawClient(port_).Get("/").body, "hello");
}

TEST_F(ServerTest, CompressesForAClientThatAcceptsIt) {
  Start();
  const RawResponse response = RawClient(port_).Get("/metrics", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(response.Header("Content-Encoding"), "gzip");
  EXPECT_EQ(response.Header("Vary"), "Accept-Encoding");
  std::string plain(Metrics().size() + 1, '\0');
  std::size_t size = 0;
  libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
  const auto result = libdeflate_gzip_decompress(
      decompressor, response.body.data(), response.body.size(), plain.data(), plain.size(), &size);
  libdeflate_free_decompressor(decompressor);
  plain.resize(size);
  EXPECT_EQ(result, LIBDEFLATE_SUCCESS);
  EXPECT_TRUE(plain == Metrics()) << "another text came out";
}

TEST_F(ServerTest, JoinsTheLinesOfAHeader) {
  Start();
  const RawResponse response =
      RawClient(port_).Get("/metrics", "Accept-Encoding: *\r\nAccept-Encoding: gzip;q=0\r\n");
  EXPECT_EQ(response.Header("Content-Encoding"), "");
}

TEST_F(ServerTest, SendsTheTextAsItIsToAClientThatForbidsGzip) {
  Start();
  const RawResponse response = RawClient(port_).Get("/metrics", "Accept-Encoding: gzip;q=0\r\n");
  EXPECT_EQ(response.Header("Content-Encoding"), "");
  EXPECT_EQ(response.Header("Vary"), "Accept-Encoding");
  EXPECT_TRUE(response.body == Metrics()) << "another text came";
}

TEST_F(ServerTest, DoesNotCompressAShortBody) {
  Start();
  const RawResponse response = RawClient(port_).Get("/short", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(response.Header("Content-Encoding"), "");
  EXPECT_EQ(response.Header("Vary"), "Accept-Encoding");
}

TEST_F(ServerTest, DoesNotCompressWhatIsNotCompressible) {
  Start();
  const RawResponse response =
      RawClient(port_).Get("/echo?" + std::string(2000, 'x'), "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(response.Header("Content-Encoding"), "");
  EXPECT_EQ(response.Header("Vary"), "");
}

TEST_F(ServerTest, AnswersAnExceptionWithoutItsText) {
  Start();
  RawClient client(port_);
  for (const char* path : {"/throws", "/throws-int"}) {
    const RawResponse response = client.Get(path);
    EXPECT_EQ(response.Status(), 500) << path;
    EXPECT_EQ(response.body, "internal error\n") << path;
  }
}

TEST_F(ServerTest, OutlivesClientsThatLeaveEarly) {
  Start();
  for (int i = 0; i < 50; ++i) {
    RawClient client(port_);
    client.Send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET /metr");
  }
  EXPECT_EQ(RawClient(port_).Get("/").body, "hello");
}

TEST_F(ServerTest, LetsAnIdleClientGo) {
  Start({.idle_timeout = std::chrono::seconds(1)});
  EXPECT_EQ(RawClient(port_).ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, LetsAClientGoThatDoesNotEndItsRequest) {
  Start({.idle_timeout = std::chrono::seconds(1)});
  RawClient client(port_);
  client.Send("GET / HTTP/1.1\r\n");
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
}

TEST_F(ServerTest, TellsTheObserverOfEveryResponse) {
  std::vector<std::string> seen;
  Start({.observer = [&](std::string_view handler, unsigned status) {
    seen.push_back(std::string(handler) + " " + std::to_string(status));
  }});
  {
    RawClient client(port_);
    client.Get("/");
    client.Get("/throws");
    client.Get("/unknown");
    client.Send("nonsense\r\n\r\n");
    client.Receive();
  }
  Stop();
  EXPECT_EQ(seen, (std::vector<std::string>{"/ 200", "/throws 500", "other 404", "other 400"}));
}

TEST_F(ServerTest, StopsWhileClientsAreIdle) {
  Start();
  RawClient client(port_);
  client.Get("/");
  Stop();
  EXPECT_EQ(client.ReceiveUntilClosed(), "");
  EXPECT_THROW(RawClient late(port_), std::exception);
}

TEST_F(ServerTest, FinishesAResponseUnderWayWhenItStops) {
  std::promise<void> answering;
  Start({.observer = [&](std::string_view, unsigned) { answering.set_value(); }});
  RawClient client(port_);
  client.Send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  answering.get_future().wait();
  auto response = std::async(std::launch::async, [&] { return client.Receive(); });
  Stop();
  EXPECT_TRUE(response.get().body == Metrics()) << "another text came";
}

TEST_F(ServerTest, LetsAClientGoThatDoesNotRead) {
  std::promise<void> answering;
  Start({.idle_timeout = std::chrono::hours(1),
         .write_timeout = std::chrono::seconds(1),
         .observer = [&](std::string_view, unsigned) { answering.set_value(); }});
  RawClient client(port_);
  client.Send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n");
  answering.get_future().wait();
  Stop();
  EXPECT_LT(client.ReceiveUntilClosed().size(), kHugeBody);
}

TEST_F(ServerTest, ServesAgainWhenItHadRunOutOfDescriptors) {
  std::string error;
  auto listeners = Listener::OpenAll(context_.get_executor(), {"127.0.0.1:0"}, error);
  ASSERT_EQ(listeners.size(), 1U) << error;
  const std::string address = listeners.front().LocalAddress();
  port_ = std::stoi(address.substr(address.rfind(':') + 1));
  server_ = std::make_unique<Server>(context_.get_executor(), Routes(), ServerOptions{});
  server_->Serve(std::move(listeners.front()));
  RawClient client;
  std::size_t handlers_run = 0;
  {
    const unit::NoMoreDescriptors none;
    client.Connect(port_);
    handlers_run = context_.run_for(std::chrono::milliseconds(350));
  }
  EXPECT_LT(handlers_run, 50U) << "it span";
  thread_ = std::thread([this] { context_.run(); });
  EXPECT_EQ(client.Get("/").body, "hello");
}

}  // namespace
}  // namespace web
