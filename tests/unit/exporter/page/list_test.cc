#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/page/list_page.h"
#include "unit/exporter/page/worlds.h"

namespace exporter::page {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr matrix_federation::SystemTime kNow = kFinishedAt + 3min;

matrix_federation::Observation WithWarning() {
  auto seen = HealthyObservation();
  seen.endpoints.push_back(DeadEndpoint("192.0.2.11"));
  return seen;
}

std::vector<Row> Rows() {
  std::vector<Row> rows;
  rows.push_back(Probed("ok.example.org", HealthyObservation(), "blue"));
  rows.push_back(NeverProbed("new.example.org"));
  rows.push_back(Probed("half.example.org", WithWarning(), "green"));
  rows.push_back(Probed("expired.example.org", ExpiredObservation(), "blue"));
  return rows;
}

std::vector<std::string> NamesOf(const Selection& selection) {
  std::vector<std::string> names;
  for (const Entry& entry : selection.entries) names.push_back(entry.name());
  return names;
}

std::vector<std::string> Selected(const std::string& query) {
  const auto rows = Rows();
  return NamesOf(Select(rows, ParseListQuery(query).query, kNow));
}

std::string PageOf(const std::vector<Row>& rows, const std::string& query = "",
                   matrix_federation::SystemTime now = kNow) {
  const ListQuery parsed = ParseListQuery(query).query;
  return ListPage(Select(rows, parsed, now), parsed, "metrics", now);
}

TEST(List, HasTheFailingFirstAndTheWorkingLast) {
  EXPECT_THAT(Selected(""), ElementsAre("expired.example.org", "half.example.org",
                                        "new.example.org", "ok.example.org"));
}

TEST(List, IsSortedByTheSoonestCertificateWithThoseThatHaveNoneLast) {
  EXPECT_EQ(Selected("sort=certificate").front(), "expired.example.org");
  EXPECT_EQ(Selected("sort=certificate").back(), "new.example.org");
}

TEST(List, IsSortedByName) {
  EXPECT_THAT(Selected("sort=name"), ElementsAre("expired.example.org", "half.example.org",
                                                 "new.example.org", "ok.example.org"));
}

TEST(List, IsFilteredByState) {
  EXPECT_THAT(Selected("state=warning"), ElementsAre("half.example.org"));
  EXPECT_THAT(Selected("state=unknown"), ElementsAre("new.example.org"));
}

TEST(List, IsFilteredByGroup) {
  EXPECT_THAT(Selected("group=blue"), ElementsAre("expired.example.org", "ok.example.org"));
}

TEST(List, IsSearchedInNamesAndGroupsInAnyCase) {
  EXPECT_THAT(Selected("q=HALF"), ElementsAre("half.example.org"));
  EXPECT_THAT(Selected("q=Gree"), ElementsAre("half.example.org"));
  EXPECT_THAT(Selected("q=nowhere"), IsEmpty());
}

TEST(List, TakesAFormWithEmptyFieldsForAll) {
  EXPECT_THAT(Selected("q=&state=&group=&sort=&page="), SizeIs(4));
}

TEST(List, CountsAllAndThoseThatMatch) {
  const auto rows = Rows();
  const auto selection = Select(rows, ParseListQuery("group=blue&state=ok").query, kNow);
  EXPECT_THAT(selection.all, ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(selection.matched, ElementsAre(1, 0, 0, 1));
  EXPECT_EQ(selection.chosen, 1);
}

std::vector<Row> Many(int count) {
  std::vector<Row> rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back(NeverProbed("s" + std::to_string(1000 + i) + ".example.org"));
  }
  return rows;
}

TEST(List, IsPartedIntoPages) {
  const auto rows = Many(450);
  const auto second = Select(rows, ParseListQuery("page=2").query, kNow);
  EXPECT_THAT(second.entries, SizeIs(kPageSize));
  EXPECT_EQ(second.entries.front().name(), "s1200.example.org");
  EXPECT_EQ(second.entries.back().name(), "s1399.example.org");
  EXPECT_EQ(second.pages, 3);
  EXPECT_EQ(second.chosen, 450);
}

TEST(List, ShowsTheLastPageWhenFewerAreLeft) {
  const auto rows = Many(201);
  const auto selection = Select(rows, ParseListQuery("page=9").query, kNow);
  EXPECT_EQ(selection.page, 2);
  EXPECT_THAT(NamesOf(selection), ElementsAre("s1200.example.org"));
}

TEST(List, LinksToPagesKeepTheFilter) {
  EXPECT_THAT(PageOf(Many(450), "q=s1&page=2"),
              AllOf(HasSubstr("href=\"?q=s1\""), HasSubstr("href=\"?q=s1&amp;page=3\"")));
}

TEST(ListQueryTest, NamesWhatItDoesNotKnow) {
  EXPECT_THAT(ParseListQuery("stat=ok").mistake,
              AllOf(HasSubstr("“stat”"), HasSubstr("state meant")));
  EXPECT_THAT(ParseListQuery("state=bad").mistake,
              AllOf(HasSubstr("“bad”"), HasSubstr("failing, warning, unknown, ok")));
  EXPECT_THAT(ParseListQuery("sort=x").mistake, HasSubstr("urgency, certificate, name"));
  for (const char* page : {"0", "-1", "x", "1x", "99999999999999999999"}) {
    EXPECT_THAT(ParseListQuery(std::string("page=") + page).mistake, HasSubstr(page));
  }
  EXPECT_THAT(ParseListQuery("q=%zz").mistake, HasSubstr("badly encoded"));
}

TEST(ListQueryTest, MakesTheLinkThatItWasReadFrom) {
  for (const char* link : {"?q=a%20b&state=ok&group=x&sort=name&page=3", "?sort=certificate"}) {
    EXPECT_EQ(ParseListQuery(std::string(link).substr(1)).query.Link(), link);
  }
  EXPECT_EQ(ListQuery{}.Link(), "./");
}

TEST(ListPageTest, TellsStateCauseAndSince) {
  const std::string page = PageOf(Rows(), "state=failing");
  EXPECT_THAT(page, AllOf(HasSubstr("1 of 4 homeservers cannot be reached"),
                          HasSubstr("<strong>Failing</strong>"), HasSubstr("tls_cert_expired"),
                          HasSubstr("3 minutes ago"), HasSubstr("href=\"servers/expired.")));
}

TEST(ListPageTest, TellsAWarningByItsSentence) {
  EXPECT_THAT(PageOf(Rows(), "state=warning"),
              AllOf(HasSubstr("<strong>Degraded</strong>"), HasSubstr("address_unreachable"),
                    HasSubstr("An address failed while another one worked.")));
}

TEST(ListPageTest, DoesNotShowAnOldResultAsFresh) {
  std::vector<Row> rows;
  rows.push_back(Probed("ok.example.org", HealthyObservation()));
  const std::string page = PageOf(rows, "", kStaleAt + 1s);
  EXPECT_THAT(page, AllOf(HasSubstr("<strong>Stale</strong>"), HasSubstr("too old to be believed"),
                          Not(HasSubstr("<strong>Working</strong>"))));
}

TEST(ListPageTest, SaysWhenTheNextCheckIsDue) {
  std::vector<Row> rows;
  rows.push_back(NeverProbed("new.example.org"));
  rows[0].slot->set_next_due(kNow + 40s);
  EXPECT_THAT(PageOf(rows), AllOf(HasSubstr("Not checked yet"), HasSubstr("in 40 seconds")));
}

TEST(ListPageTest, EscapesWhatHomeserversSend) {
  auto seen = HealthyObservation();
  for (auto& endpoint : seen.endpoints) endpoint.version->name = "<script>alert(1)</script>";
  std::vector<Row> rows;
  rows.push_back(Probed("a\"><b.example.org", seen, "<i>"));
  const std::string page = PageOf(rows, "q=%3Cb");
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script>alert")), Not(HasSubstr("<b.example")),
                          Not(HasSubstr("<i>")), HasSubstr("&lt;script&gt;alert"),
                          HasSubstr("servers/a%22%3E%3Cb.example.org"),
                          HasSubstr("name=\"q\" value=\"&lt;b\"")));
}

TEST(ListPageTest, OffersEveryGroupOnce) {
  const std::string page = PageOf(Rows());
  const auto first = page.find("<option value=\"blue\"");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(page.find("<option value=\"blue\"", first + 1), std::string::npos);
}

TEST(ListPageTest, SaysThatNothingMatches) {
  EXPECT_THAT(PageOf(Rows(), "q=zzz"), HasSubstr("No homeserver is like this."));
  EXPECT_THAT(PageOf({}), HasSubstr("The configuration lists no homeserver."));
}

}  // namespace
}  // namespace exporter::page
