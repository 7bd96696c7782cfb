#include "exporter/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Lt;

Summary SummaryOf(matrix_federation::Observation seen) {
  Watched watched;
  return Summarize(watched.Take(std::move(seen)));
}

TEST(Summary, OfAHealthyServerHasNoCause) {
  const Summary summary = SummaryOf(HealthyObservation());
  EXPECT_TRUE(summary.federation_ok);
  EXPECT_THAT(summary.check, IsEmpty());
  EXPECT_THAT(summary.reason, IsEmpty());
  EXPECT_THAT(summary.detail, IsEmpty());
}

TEST(Summary, TellsWhereDiscoveryLed) {
  const Summary summary = SummaryOf(HealthyObservation());
  EXPECT_EQ(summary.method, "well_known_srv");
  EXPECT_EQ(summary.destination, "fed1.example.net:8448");
}

TEST(Summary, TellsTheSameDestinationWhicheverSrvRecordWasDrawn) {
  matrix_federation::Observation seen = HealthyObservation();
  auto& records = seen.services.back().records;
  records.push_back(records.front());
  records.back().target = "fed9.example.net";
  seen.destination->host = "fed9.example.net";
  EXPECT_EQ(SummaryOf(seen).destination, "fed1.example.net:8448");
}

TEST(Summary, TellsTheSoftwareAsFarAsALabelMay) {
  auto seen = HealthyObservation();
  seen.endpoints[0].version->name = "Syn\napse";
  const Summary summary = SummaryOf(seen);
  EXPECT_EQ(summary.software,
            "Syn\xEF\xBF\xBD"
            "apse");
  EXPECT_EQ(summary.version, "1.157.1");
}

TEST(Summary, CountsTheAddressesOfEachIpVersion) {
  auto seen = HealthyObservation();
  seen.endpoints.push_back(DeadEndpoint("192.0.2.11"));
  const Summary summary = SummaryOf(seen);
  EXPECT_EQ(summary.ipv4, (AddressCount{2, 1}));
  EXPECT_EQ(summary.ipv6, (AddressCount{1, 1}));
}

// After a good probe a bad one, `later`.
Summary AfterItCouldBeReachedNoMore(std::chrono::seconds later) {
  Watched watched;
  watched.Take(HealthyObservation());
  auto seen = HealthyObservation();
  seen.well_known.tls.reset();
  for (auto& endpoint : seen.endpoints) endpoint = DeadEndpoint("192.0.2.10");
  Summary summary = Summarize(watched.Take(std::move(seen), kFinishedAt + later));
  KeepCertificates(summary, watched.history, std::chrono::hours(1));
  return summary;
}

TEST(Summary, KeepsTheDatesOfCertificatesThatAreShownNoMore) {
  const Summary before = SummaryOf(HealthyObservation());
  EXPECT_EQ(AfterItCouldBeReachedNoMore(std::chrono::hours(1)).certificates, before.certificates);
}

TEST(Summary, ForgetsTheDatesThatAreTooOld) {
  const Summary summary = AfterItCouldBeReachedNoMore(std::chrono::seconds(3601));
  EXPECT_FALSE(summary.certificates[0]);
  EXPECT_FALSE(summary.certificates[1]);
}

TEST(Summary, HasTheCertificateThatEndsFirstOfEachRole) {
  auto seen = HealthyObservation();
  const Summary summary = SummaryOf(seen);
  ASSERT_TRUE(summary.certificates[0]);
  ASSERT_TRUE(summary.certificates[1]);
  EXPECT_EQ(summary.certificates[0]->not_after,
            seen.endpoints[0].tls->chain->certificates[0].not_after);
  EXPECT_LT(summary.certificates[0]->not_after,
            seen.endpoints[0].tls->chain->certificates[1].not_after);
}

TEST(Summary, TellsTheRootCauseOfAServerThatFails) {
  const Summary summary = SummaryOf(ExpiredObservation());
  EXPECT_FALSE(summary.federation_ok);
  EXPECT_EQ(summary.check, "certificate_is_in_date");
  EXPECT_EQ(summary.reason, "tls_cert_expired");
  EXPECT_THAT(summary.detail, HasSubstr("expired"));
}

TEST(Summary, OfANameThatDoesNotExistLeadsNowhere) {
  const Summary summary = SummaryOf(UnknownNameObservation());
  EXPECT_THAT(summary.destination, IsEmpty());
  EXPECT_THAT(summary.method, IsEmpty());
}

TEST(Summary, NamesItsWarnings) {
  auto seen = HealthyObservation();
  seen.endpoints.push_back(DeadEndpoint("192.0.2.11"));
  EXPECT_THAT(SummaryOf(seen).WarningWords(), testing::Contains("address_unreachable"));
  EXPECT_THAT(Summary().WarningWords(), IsEmpty());
}

TEST(Details, ComeOutAsTheyWentIn) {
  Watched watched;
  auto seen = HealthyObservation();
  seen.endpoints[1].keys->document = R"({"server_name": "example.org"})";
  const Details details = DetailsOf(watched.Take(seen));
  EXPECT_THAT(details.report, HasSubstr(R"("server_name":"example.org")"));
  EXPECT_THAT(details.key_documents, ElementsAre("", R"({"server_name": "example.org"})"));
  EXPECT_EQ(Unpack(Pack(details)), details);
}

TEST(Details, OfAnOrdinaryReportTakeLittleRoom) {
  Watched watched;
  const Details details = DetailsOf(watched.Take(HealthyObservation()));
  EXPECT_THAT(Pack(details).size(), Lt(details.report.size() / 5));
}

TEST(Details, LeaveOutAReportThatIsTooLong) {
  Watched watched;
  auto seen = HealthyObservation();
  auto chain = std::make_shared<matrix_federation::ChainAssessment>(*seen.endpoints[0].tls->chain);
  chain->certificates[0].dns_names.assign(2 * kStoredReportMax / 200, std::string(200, 'a'));
  seen.endpoints[0].tls->chain = chain;
  EXPECT_THAT(DetailsOf(watched.Take(seen)).report, IsEmpty());
}

TEST(Details, LeaveOutKeyDocumentsThatAreTooLongTogether) {
  Watched watched;
  auto seen = HealthyObservation();
  seen.endpoints[0].keys->document = std::string(kStoredKeyDocumentsMax - 10, 'a');
  seen.endpoints[1].keys->document = std::string(11, 'b');
  const auto documents = DetailsOf(watched.Take(seen)).key_documents;
  EXPECT_FALSE(documents.at(0).empty());
  EXPECT_TRUE(documents.at(1).empty());
}

TEST(Snapshot, HasTheHistoryUpToTheProbe) {
  Watched watched;
  const auto report = watched.Take(ExpiredObservation());
  const auto snapshot = MakeSnapshot(Summarize(report), DetailsOf(report), watched.history);
  EXPECT_EQ(snapshot->finished_at, kFinishedAt);
  EXPECT_EQ(snapshot->since, kFinishedAt);
  EXPECT_EQ(snapshot->probes, 1);
  EXPECT_EQ(snapshot->failures, 1);
  EXPECT_EQ(snapshot->consecutive_failures, 1);
  EXPECT_EQ(snapshot->last_success, std::nullopt);
  EXPECT_EQ(snapshot->episodes, watched.history.episodes);
}

}  // namespace
}  // namespace exporter
