#include "exporter/api/check_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/exporter/api/watched_board.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

Row RowOf(const std::string& name) {
  Homeserver server;
  server.server_name = name;
  return MakeRow(std::move(server));
}

class CheckRequestsTest : public testing::Test {
 protected:
  web::Response Ask(const std::string& name, CheckRequests::Time::duration at = 0s) {
    return requests_.Answer(RowOf(name), kBegin + at);
  }

  static constexpr CheckRequests::Time kBegin{1h};
  std::vector<std::string> probed_;
  CheckRequests requests_{[this](const Row& row) { probed_.push_back(row.server->server_name); },
                          "https://monitor.example.org"};
};

TEST_F(CheckRequestsTest, HaveAServerProbed) {
  EXPECT_EQ(Ask("a.org").status, 202U);
  EXPECT_THAT(probed_, ElementsAre("a.org"));
}

TEST_F(CheckRequestsTest, AreGrantedOnceInTenSecondsForAServer) {
  Ask("a.org");
  const auto refusal = Ask("a.org", 3s);
  EXPECT_EQ(refusal.status, 429U);
  EXPECT_EQ(FieldOf(refusal, "Retry-After"), "7");
  EXPECT_THAT(probed_, SizeIs(1));
  EXPECT_EQ(Ask("b.org", 3s).status, 202U);
  EXPECT_EQ(Ask("a.org", 10s).status, 202U);
}

TEST_F(CheckRequestsTest, AreGrantedOnceASecondAfterABurst) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask(std::to_string(i)).status, 202U) << i;
  const auto refusal = Ask("one.more");
  EXPECT_EQ(refusal.status, 429U);
  EXPECT_EQ(FieldOf(refusal, "Retry-After"), "1");
  EXPECT_EQ(Ask("one.more", 1s).status, 202U) << "a refusal does not count";
  EXPECT_EQ(Ask("yet.another", 1s).status, 429U);
}

TEST_F(CheckRequestsTest, OfPagesElsewhereAreForbidden) {
  EXPECT_TRUE(requests_.IsForbidden({.host = "monitor", .origin = "https://attacker.test"}));
  EXPECT_TRUE(requests_.IsForbidden({.host = "monitor", .site = "cross-site"}));
  EXPECT_FALSE(requests_.IsForbidden({.host = "monitor"}));
  EXPECT_FALSE(requests_.IsForbidden({.host = "monitor", .origin = "https://monitor.example.org"}));
}

}  // namespace
}  // namespace exporter
