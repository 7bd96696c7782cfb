#include "web/protection.h"

#include <crypt.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <atomic>
#include <future>

#include "local_server.h"
#include "raw_client.h"

namespace web {
namespace {

using testing::RawClient;
using testing::RawResponse;

// Of "secret", at the lowest cost there is.
constexpr const char* kHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
constexpr const char* kAliceSecret = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";
constexpr const char* kAliceWrong = "Authorization: Basic YWxpY2U6d3Jvbmc=\r\n";
constexpr const char* kBobSecret = "Authorization: Basic Ym9iOnNlY3JldA==\r\n";
constexpr std::size_t kHuge = std::size_t{64} * 1024 * 1024;

std::string HashOf(const std::string& password) {
  const auto scratch = std::make_unique<crypt_data>();
  return crypt_r(password.c_str(), kHash, scratch.get());
}

std::string Authorization(const std::string& user, const std::string& password) {
  const std::string text = user + ":" + password;
  std::string encoded(text.size() / 3 * 4 + 5, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return "Authorization: Basic " + encoded + "\r\n";
}

class ProtectionTest : public testing::LocalServer {
 protected:
  void Start(Protection protection, ServerOptions options = {}) {
    current_ = std::make_shared<const Protection>(std::move(protection));
    options.protection = [this] { return std::atomic_load(&current_); };
    const auto huge = std::make_shared<const std::string>(kHuge, 'x');
    Serve({{"/", "the front page", [](const Request&) { return Text(200, "hello"); }},
           {"/huge", "more than buffers hold",
            [huge](const Request&) { return Response{.body = huge}; }},
           {.path = "/-/healthy",
            .handler = [](const Request&) { return Text(200, "healthy"); },
            .always = true}},
          std::move(options));
  }

  void Become(Protection protection) {
    std::atomic_store(&current_, std::make_shared<const Protection>(std::move(protection)));
  }

  int StatusWith(const char* header) { return RawClient(port_).Get("/", header).Status(); }

  // A client that has asked for the huge response and reads nothing but its head.
  void AskForHuge(RawClient& client, unsigned last_octet = 1) {
    client.Connect(port_, last_octet);
    client.Send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.Receive(/*to_head_request=*/true).Status(), 200);
  }

  std::shared_ptr<const Protection> current_;
};

TEST_F(ProtectionTest, AsksForAPassword) {
  Start({.users = {{"alice", kHash}}});
  const RawResponse response = RawClient(port_).Get("/");
  EXPECT_EQ(response.Status(), 401);
  EXPECT_TRUE(response.Header("WWW-Authenticate").starts_with("Basic realm=")) << response.head;
  EXPECT_EQ(response.body.find("hello"), std::string::npos);
}

TEST_F(ProtectionTest, LetsInWhoKnowsIt) {
  Start({.users = {{"alice", kHash}}});
  RawClient client(port_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Get("/", kAliceSecret).body, "hello");
}

TEST_F(ProtectionTest, TurnsOthersAway) {
  Start({.users = {{"alice", kHash}}});
  const std::string twice = std::string(kAliceSecret) + kAliceSecret;
  for (const char* header : {"", kAliceWrong, kBobSecret, "Authorization: Bearer c2VjcmV0\r\n",
                             "Authorization: Basic !\r\n", twice.c_str()}) {
    EXPECT_EQ(StatusWith(header), 401) << header;
  }
}

TEST_F(ProtectionTest, AnswersNothingToStrangersNotEvenWhichPathsThereAre) {
  Start({.users = {{"alice", kHash}}});
  const RawResponse response = RawClient(port_).Get("/unknown");
  EXPECT_EQ(response.Status(), 401);
  EXPECT_EQ(response.body.find("front page"), std::string::npos);
}

TEST_F(ProtectionTest, ForgetsAPasswordThatWasChanged) {
  Start({.users = {{"alice", kHash}}});
  EXPECT_EQ(StatusWith(kAliceSecret), 200);
  Become({.users = {{"alice", "$2b$04$abcdefghijklmnopqrstuu" + std::string(31, '.')}}});
  EXPECT_EQ(StatusWith(kAliceSecret), 401);
}

TEST_F(ProtectionTest, ForgetsAUserThatWasRemoved) {
  Start({.users = {{"alice", kHash}, {"bob", kHash}}});
  EXPECT_EQ(StatusWith(kBobSecret), 200);
  Become({.users = {{"alice", kHash}}});
  EXPECT_EQ(StatusWith(kBobSecret), 401);
}

// As in CVE-2022-46146: what is remembered of one user must not be found under another's name,
// though their names, hashes and passwords, one behind the other, are the same text.
TEST_F(ProtectionTest, DoesNotMixUpUsersWhosePartsJoinToTheSameText) {
  const std::string victims_hash = HashOf("other");
  const std::string password = victims_hash + "x";
  const std::string hash = HashOf(password);
  const std::string victim = "alice" + hash;
  Start({.users = {{"alice", hash}, {victim, victims_hash}}});
  EXPECT_EQ(StatusWith(Authorization("alice", password).c_str()), 200);
  EXPECT_EQ(StatusWith(Authorization(victim, "x").c_str()), 401);
  EXPECT_EQ(StatusWith(Authorization(victim, "other").c_str()), 200);
}

TEST_F(ProtectionTest, ServesOthersWhileAPasswordIsChecked) {
  // Cost 13 takes half a second or more; the health page needs a password as well.
  const std::string slow = "$2b$13$abcdefghijklmnopqrstuu" + std::string(31, '.');
  Start({.users = {{"alice", kHash}, {"slow", slow}}});
  EXPECT_EQ(StatusWith(kAliceSecret), 200);
  RawClient waiting(port_);
  waiting.Send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic c2xvdzp4\r\n\r\n");
  RawClient waiting_too(port_);
  waiting_too.Send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic c2xvdzp5\r\n\r\n");
  EXPECT_EQ(StatusWith(kAliceSecret), 200);
  EXPECT_TRUE(waiting_too.HasNothing());
  EXPECT_EQ(waiting.Receive().Status(), 401);
  EXPECT_EQ(waiting_too.Receive().Status(), 401);
}

TEST_F(ProtectionTest, AnswersTooManyGuessesWithoutCheckingThem) {
  const std::string slow = "$2b$10$abcdefghijklmnopqrstuu" + std::string(31, '.');
  Start({.users = {{"slow", slow}}});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<RawClient>(port_));
    clients.back()->Send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic c2xvdzp4\r\n\r\n");
  }
  int refused = 0;
  int busy = 0;
  for (const auto& client : clients) {
    const int status = client->Receive().Status();
    refused += status == 401 ? 1 : 0;
    busy += status == 503 ? 1 : 0;
  }
  EXPECT_EQ(refused + busy, 40);
  EXPECT_GE(refused, 16);
  EXPECT_GE(busy, 1);
}

TEST_F(ProtectionTest, StopsWhileAPasswordIsChecked) {
  const std::string slow = "$2b$10$abcdefghijklmnopqrstuu" + std::string(31, '.');
  Start({.users = {{"slow", slow}}});
  RawClient first(port_);
  first.Send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic c2xvdzp4\r\n\r\n");
  RawClient second(port_);
  second.Send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic c2xvdzp5\r\n\r\n");
  RawClient(port_).Get("/");
  Stop();
}

TEST_F(ProtectionTest, SetsTheFieldsThatAreConfigured) {
  Start({.fields = {{"X-Frame-Options", "deny"}, {"X-Content-Type-Options", "nosniff"}}});
  RawClient client(port_);
  for (const char* path : {"/", "/unknown"}) {
    const RawResponse response = client.Get(path);
    EXPECT_EQ(response.Header("X-Frame-Options"), "deny") << path;
    const auto first = response.head.find("X-Content-Type-Options");
    EXPECT_EQ(response.head.find("X-Content-Type-Options", first + 1), std::string::npos)
        << response.head;
  }
}

TEST_F(ProtectionTest, LimitsTheRate) {
  Start({.rate_limit = {.interval = std::chrono::hours(1), .burst = 2}});
  RawClient client(port_);
  EXPECT_EQ(client.Get("/").Status(), 200);
  EXPECT_EQ(client.Get("/").Status(), 200);
  const RawResponse response = client.Get("/");
  EXPECT_EQ(response.Status(), 429);
  EXPECT_NE(response.Header("Retry-After"), "");
}

TEST_F(ProtectionTest, RefusesRequestsAboveTheBoundButForHealth) {
  Start({}, {.max_requests = 1});
  RawClient first;
  AskForHuge(first);
  const RawResponse response = RawClient(port_).Get("/");
  EXPECT_EQ(response.Status(), 503);
  EXPECT_NE(response.Header("Retry-After"), "");
  EXPECT_EQ(RawClient(port_).Get("/-/healthy").Status(), 200);
}

TEST_F(ProtectionTest, ServesAScrapeWhileAnotherClientTakesAllPlacesAndReadsNothing) {
  Start({}, {.max_requests = 4});
  std::vector<std::unique_ptr<RawClient>> hostile;
  for (int i = 0; i < 4; ++i) {
    hostile.push_back(std::make_unique<RawClient>());
    AskForHuge(*hostile.back(), 2);
  }
  EXPECT_EQ(RawClient(port_).Get("/").body, "hello");
  EXPECT_LT(hostile.front()->ReceiveUntilClosed().size(), kHuge) << "the longest one was cut off";
}

TEST_F(ProtectionTest, ServesAScrapeWhileClientsThatNeverEndTheirRequestsTakeAllConnections) {
  Start({}, {.max_connections = 8});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<RawClient>());
    slow.back()->Connect(port_, 2);
    slow.back()->Send("GET / HTTP/1.1\r\nX-A: ");
    ASSERT_EQ(RawClient(port_).Get("/").body, "hello") << i;
  }
}

TEST_F(ProtectionTest, KeepsAnIdleScraperWhileAnotherClientFillsTheConnections) {
  Start({}, {.max_connections = 8});
  RawClient scraper(port_);
  EXPECT_EQ(scraper.Get("/").Status(), 200);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<RawClient>());
    slow.back()->Connect(port_, 2);
  }
  EXPECT_EQ(scraper.Get("/").body, "hello");
}

// No handler answers a path that does not exist, so no bound on requests holds for it.
TEST_F(ProtectionTest, ServesOthersWhileAnotherClientTakesAllConnectionsAndReadsNoRefusal) {
  const std::string summary(kHuge, 'x');
  Serve({{"/", summary, [](const Request&) { return Text(200, "hello"); }}},
        {.max_connections = 3});
  RawClient idle(port_);
  EXPECT_EQ(idle.Get("/").body, "hello");
  std::vector<std::unique_ptr<RawClient>> hostile;
  for (int i = 0; i < 4; ++i) {
    hostile.push_back(std::make_unique<RawClient>());
    hostile.back()->Connect(port_, 2);
    hostile.back()->Send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(hostile.back()->Receive(/*to_head_request=*/true).Status(), 404);
  }
  EXPECT_EQ(RawClient(port_).Get("/").body, "hello");
  EXPECT_EQ(idle.Get("/").body, "hello") << "it lost its place to them";
}

TEST_F(ProtectionTest, RefusesConnectionsWhereAllAreBeingAnswered) {
  Start({}, {.max_connections = 2});
  RawClient first;
  AskForHuge(first);
  RawClient second;
  AskForHuge(second);
  RawClient third(port_);
  EXPECT_EQ(third.Receive().Status(), 503);
  EXPECT_EQ(third.ReceiveUntilClosed(), "");
}

}  // namespace
}  // namespace web
