#include "exporter/api/server_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/exporter/api/watched_board.h"
#include "web/compress.h"

namespace exporter {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

class ServerListTest : public testing::Test {
 protected:
  web::Response Ask(std::string query, matrix_federation::SystemTime now = kFinishedAt) {
    return ListServers(watched_.board(), {.query = std::move(query)}, now);
  }
  ordered_json List(std::string query = "", matrix_federation::SystemTime now = kFinishedAt) {
    return ordered_json::parse(WholeBody(Ask(std::move(query), now)));
  }
  std::string Names(std::string query) {
    std::string names;
    for (const auto& each : List(std::move(query)))
      names += each["server_name"].get<std::string>() + " ";
    return names;
  }

  WatchedBoard watched_;
};

TEST_F(ServerListTest, ShowsAHealthyServerAndOneThatWasNeverProbed) {
  watched_.Probe(HealthyObservation());
  ExpectGolden(List().dump(1) + "\n", "api/servers_healthy.json");
}

TEST_F(ServerListTest, ShowsWhyAServerFails) {
  watched_.Probe(ExpiredObservation());
  ExpectGolden(List().dump(1) + "\n", "api/servers_expired.json");
}

TEST_F(ServerListTest, SaysOfAResultThatItIsStaleAndShowsItStill) {
  watched_.Probe(HealthyObservation());
  EXPECT_EQ(List("", kFinishedAt)[0]["stale"], false);
  const auto server = List("", kMuchLater)[0];
  EXPECT_EQ(server["stale"], true);
  EXPECT_EQ(server["state"], "ok");
}

TEST_F(ServerListTest, CanBeOfOneState) {
  watched_.Probe(HealthyObservation());
  EXPECT_EQ(Names("state=ok"), "example.org ");
  EXPECT_EQ(Names("state=unknown"), "other.example.com ");
  EXPECT_EQ(Names("state=failing"), "");
  watched_.Probe(ExpiredObservation());
  EXPECT_EQ(Names("state=failing"), "example.org ");
}

TEST_F(ServerListTest, CanBeOfOneGroup) {
  EXPECT_EQ(Names("group=customers"), "example.org ");
  EXPECT_EQ(Names("group="), "other.example.com ");
}

TEST_F(ServerListTest, CanBeReadPageByPage) {
  EXPECT_EQ(Names("limit=1"), "example.org ");
  EXPECT_EQ(Names("offset=1"), "other.example.com ");
  EXPECT_EQ(Names("offset=2"), "");
  EXPECT_EQ(Names("limit=0"), "");
  EXPECT_EQ(FieldOf(Ask("limit=1"), "X-Total-Count"), "2");
  EXPECT_EQ(FieldOf(Ask("limit=1&group=customers"), "X-Total-Count"), "1");
}

TEST_F(ServerListTest, IsCompressedForWhoAcceptsThat) {
  watched_.Probe(HealthyObservation());
  const auto packed = ListServers(watched_.board(), {.gzip = true}, kFinishedAt);
  EXPECT_TRUE(packed.is_gzip);
  EXPECT_EQ(web::Gunzip(WholeBody(packed), 1 << 20), WholeBody(Ask("")));
}

TEST_F(ServerListTest, RefusesWhatItDoesNotKnow) {
  for (const char* query : {"format=json", "state=up", "limit=-1", "limit=1&limit=2"}) {
    const auto response = Ask(query);
    EXPECT_EQ(response.status, 400U) << query;
    EXPECT_TRUE(ordered_json::parse(WholeBody(response)).contains("error")) << query;
  }
}

TEST_F(ServerListTest, IsValidWhateverAHomeserverSaysAndIsCalled) {
  auto seen = HealthyObservation();
  seen.endpoints[0].version->name = "</script>\"\\\xff\n" + std::string(10'000, 'x');
  watched_.Probe(std::move(seen));
  const auto server = List()[0];
  EXPECT_THAT(server["software"].get<std::string>(), HasSubstr("</script>\"\\"));
}

TEST(ServerListOfMany, IsGivenInParts) {
  std::vector<Row> rows;
  for (int i = 0; i < 2000; ++i) {
    Homeserver server;
    server.server_name = "server-" + std::to_string(i) + ".example.org";
    rows.push_back(MakeRow(std::move(server)));
  }
  Board board;
  board.Replace(std::move(rows));
  const auto response = ListServers(board, {}, kFinishedAt);
  std::string body;
  std::size_t parts = 0;
  std::size_t largest = 0;
  for (auto part = response.next_part(); !part.empty(); part = response.next_part()) {
    body += part;
    ++parts;
    largest = std::max(largest, part.size());
    board.Replace({});  // a reload meanwhile
  }
  EXPECT_GT(parts, 1U);
  EXPECT_LT(largest, 512U * 1024);
  EXPECT_EQ(ordered_json::parse(body).size(), 2000U);
}

}  // namespace
}  // namespace exporter
