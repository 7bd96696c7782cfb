#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/make_shared.hpp>
#include <map>

#include "exporter/page/path_steps.h"
#include "exporter/page/server_page.h"
#include "matrix_federation/check.h"
#include "unit/exporter/page/worlds.h"

namespace exporter::page {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string PageOf(const Row& row, SystemTime now = kFinishedAt + 90s) {
  return ServerPage(row, "metrics", now);
}

// What stands in the step of this title.
std::string StepOf(const std::string& page, const std::string& title) {
  const auto heading = page.find("<h3>" + title + " ");
  const auto begin = page.rfind("<li ", heading);
  return page.substr(begin, page.find("</li>", heading) - begin);
}

TEST(PathSteps, EveryCheckBelongsToExactlyOne) {
  std::map<std::string_view, int> steps;
  for (const PathStep& step : AllPathSteps()) {
    for (const std::string_view name : step.checks) ++steps[name];
  }
  for (const auto* check : matrix_federation::AllChecks()) EXPECT_EQ(steps[check->name], 1);
  EXPECT_EQ(steps.size(), matrix_federation::AllChecks().size());
}

TEST(ServerPageTest, OfAHealthyServerShowsTheWholeWay) {
  const std::string page = PageOf(Probed("example.org", HealthyObservation()));
  EXPECT_THAT(page, HasSubstr("Other homeservers can reach it."));
  EXPECT_THAT(StepOf(page, ".well-known"),
              AllOf(HasSubstr("step ok"), HasSubstr("GET https://example.org/.well-known"),
                    HasSubstr("m.server: ")));
  EXPECT_THAT(StepOf(page, "SRV"), HasSubstr("SRV _matrix-fed._tcp."));
  EXPECT_THAT(StepOf(page, "Addresses"), HasSubstr("fed1.example.net"));
  EXPECT_THAT(StepOf(page, "Version"), HasSubstr("Synapse 1.157.1"));
  EXPECT_THAT(page, Not(HasSubstr("What to do about")));
  EXPECT_THAT(page, HasSubstr("Certificates, as presented"));
}

TEST(ServerPageTest, OfAServerThatIsNotAsExpectedSaysThatOthersReachIt) {
  auto seen = HealthyObservation();
  seen.expected.software = "Dendrite";
  const std::string page = PageOf(Probed("example.org", seen));
  EXPECT_THAT(page, AllOf(HasSubstr("Other homeservers can reach it, but it is not as expected."),
                          HasSubstr("Failing since "), Not(HasSubstr("Unreachable"))));
}

TEST(ServerPageTest, OfAnExpiredCertificateTellsWhereItBrokeAndHowToMendIt) {
  const std::string page = PageOf(Probed("example.org", ExpiredObservation()));
  EXPECT_THAT(page, AllOf(HasSubstr("Other homeservers cannot reach it."),
                          HasSubstr("What to do about <code>tls_cert_expired</code>"),
                          HasSubstr("nginx -s reload")));
  EXPECT_THAT(StepOf(page, "TLS"), AllOf(HasSubstr("step failing"), HasSubstr("broken here")));
  EXPECT_THAT(StepOf(page, "Connection"), Not(HasSubstr("broken here")));
}

TEST(ServerPageTest, OfANameThatDoesNotExistEndsAtItsAddresses) {
  const std::string page = PageOf(Probed("example.org", UnknownNameObservation()));
  EXPECT_THAT(StepOf(page, "Addresses"), AllOf(HasSubstr("broken here"), HasSubstr("dns_")));
  EXPECT_THAT(StepOf(page, "TLS"), HasSubstr("not needed or not reached"));
}

TEST(ServerPageTest, BeforeTheFirstCheckSaysSo) {
  const Row row = NeverProbed("example.org");
  row.slot->set_next_due(kFinishedAt + 100s);
  EXPECT_THAT(PageOf(row), AllOf(HasSubstr("It has not been checked yet."),
                                 HasSubstr("in 10 seconds"), HasSubstr("Check now")));
}

TEST(ServerPageTest, OfAnOldResultSaysSo) {
  EXPECT_THAT(PageOf(Probed("example.org", HealthyObservation()), kStaleAt + 1s),
              AllOf(HasSubstr("Its last result is too old to be believed."),
                    Not(HasSubstr("Other homeservers can reach it."))));
}

TEST(ServerPageTest, OfAReportThatWasTooLargeShowsWhatIsLeft) {
  Watched watched;
  const auto report = watched.Take(ExpiredObservation());
  const Row row = MakeRow(watched.server);
  row.slot->Publish(row.slot->Take(), MakeSnapshot(Summarize(report), Details(), watched.history));
  EXPECT_THAT(PageOf(row), AllOf(HasSubstr("too large to be kept"), HasSubstr("tls_cert_expired"),
                                 HasSubstr("id=\"history\"")));
}

TEST(ServerPageTest, ShowsTheLatestEpisodesFirst) {
  Watched watched;
  watched.Take(ExpiredObservation(), kFinishedAt - 1h);
  const auto report = watched.Take(HealthyObservation(), kFinishedAt);
  const Row row = MakeRow(watched.server);
  row.slot->Publish(row.slot->Take(),
                    MakeSnapshot(Summarize(report), DetailsOf(report), watched.history));
  const std::string page = PageOf(row);
  const std::string history = page.substr(page.find("id=\"history\""));
  EXPECT_LT(history.find("<strong>Working</strong>"), history.find("<strong>Failing</strong>"));
}

TEST(ServerPageTest, LinksToTheApiByTheEncodedName) {
  EXPECT_THAT(PageOf(Probed("[2001:db8::1]:8448", HealthyObservation())),
              HasSubstr("action=\"../api/v1/servers/%5B2001%3Adb8%3A%3A1%5D%3A8448/check\""));
}

TEST(ServerPageTest, EscapesWhatHomeserversSend) {
  auto seen = HealthyObservation();
  const std::string markup = "<img src=x onerror=alert(1)>";
  for (auto& endpoint : seen.endpoints) {
    endpoint.version->name = markup;
    endpoint.keys->verified_key_ids = {markup};
    auto chain = std::make_shared<matrix_federation::ChainAssessment>(*endpoint.tls->chain);
    chain->certificates[0].subject_cn = markup;
    chain->certificates[0].issuer_cn = markup;
    chain->certificates[0].dns_names = {markup};
    endpoint.tls->chain = chain;
  }
  seen.services[0].records.push_back({.target = markup});
  seen.well_known.final_url = markup;
  const std::string page = PageOf(Probed("example.org", seen));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<img")), HasSubstr("&lt;img src=x")));
}

Board BoardOf(const std::vector<std::string>& names) {
  std::vector<Row> rows;
  for (const std::string& name : names) rows.push_back(NeverProbed(name));
  Board board;
  board.Replace(std::move(rows));
  return board;
}

TEST(UnknownServer, OffersTheNamesThatMayHaveBeenMeant) {
  const Board board = BoardOf({"matrix.example.org", "exmaple.org", "other.net"});
  const std::string page = UnknownServerPage("example.org", board, "../../", "metrics");
  EXPECT_THAT(page, AllOf(HasSubstr("href=\"../../servers/exmaple.org\""),
                          HasSubstr("href=\"../../servers/matrix.example.org\""),
                          Not(HasSubstr("other.net"))));
}

TEST(UnknownServer, IsNotComparedWhenNoNameIsSoLong) {
  const Board board = BoardOf({"example.org"});
  const std::string name = std::string(300, 'a') + "example.org";
  EXPECT_THAT(UnknownServerPage(name, board, "../", "metrics"), Not(HasSubstr("meant")));
  EXPECT_THAT(UnknownServerPage("", board, "../", "metrics"),
              AllOf(HasSubstr("No name"), Not(HasSubstr("meant"))));
}

TEST(UnknownServer, IsToldWhichShardHasIt) {
  Board board;
  board.Replace({NeverProbed("matrix.example.org")},
                OtherShards({0, 3}, {{.server_name = "matrix.org"}}));
  EXPECT_THAT(
      UnknownServerPage("matrix.org", board, "../", "metrics"),
      AllOf(HasSubstr("It belongs to shard 2 of 3; this is shard 0."), Not(HasSubstr("meant"))));
}

TEST(UnknownServer, EscapesItsName) {
  EXPECT_THAT(UnknownServerPage("<script>", Board(), "../", "metrics"),
              AllOf(HasSubstr("&lt;script&gt;"), Not(HasSubstr("<script>"))));
}

}  // namespace
}  // namespace exporter::page
