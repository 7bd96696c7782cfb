#include "exporter/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "unit/exporter/golden.h"
#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using matrix_federation::Observation;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kDistinctLeaves = "matrix_federation_tls_distinct_leaf_certificates";
constexpr const char* kNotAfter = "matrix_federation_tls_certificate_not_after_timestamp_seconds";

// Exposes one probe that saw this.
std::string After(const Observation& seen) {
  Watched watched;
  const auto report = watched.Take(seen);
  return Expose(watched, &report);
}

// Exposes a server that was seen in health and, `later`, could not be found.
std::string AfterLoss(std::chrono::minutes later) {
  Watched watched;
  watched.Take(HealthyObservation(), kFinishedAt);
  const auto report = watched.Take(UnknownNameObservation(), kFinishedAt + later);
  return Expose(watched, &report, kFinishedAt + later, kFinishedAt + later);
}

// Every label value of an exposition, unescaped.
std::vector<std::string> LabelValues(const std::string& exposition) {
  std::vector<std::string> values;
  std::size_t at = 0;
  while ((at = exposition.find("=\"", at)) != std::string::npos) {
    std::string& value = values.emplace_back();
    for (at += 2; exposition.at(at) != '"'; ++at) {
      if (exposition[at] == '\\') ++at;
      value.push_back(exposition.at(at));
    }
  }
  return values;
}

// The healthy homeserver, but each text that it chooses freely is this one.
Observation Saying(const std::string& text) {
  Observation seen = HealthyObservation();
  seen.destination->host = text;
  auto chain = ChainOf(std::string(64, 'e'));
  chain->certificates[0].subject_cn = text;
  chain->certificates[0].issuer_cn = text;
  chain->certificates[0].serial_number = text;
  for (auto& endpoint : seen.endpoints) {
    endpoint.tls->chain = chain;
    endpoint.version->name = text;
    endpoint.version->version = text;
  }
  seen.well_known.tls->chain = chain;
  return seen;
}

TEST(Metrics, ShowAHealthyServer) {
  const std::string text = After(HealthyObservation());
  ExpectGolden(text, "exposition/healthy.txt");
  ExpectPromtoolAgrees(text);
}

TEST(Metrics, ShowAFailingServer) {
  const std::string text = After(ExpiredObservation());
  ExpectGolden(text, "exposition/expired.txt");
  ExpectPromtoolAgrees(text);
}

TEST(Metrics, ShowAServerBeforeItsFirstProbe) {
  const std::string text = Expose(Watched(), nullptr);
  ExpectGolden(text, "exposition/unprobed.txt");
  ExpectPromtoolAgrees(text);
}

TEST(Metrics, ShowAStaleServer) {
  Watched watched;
  const auto report = watched.Take(HealthyObservation());
  const std::string text = Expose(watched, &report, kFinishedAt, kFinishedAt + 2h);
  ExpectGolden(text, "exposition/stale.txt");
  ExpectPromtoolAgrees(text);
}

TEST(Metrics, NameTheRootCauseOnce) {
  Observation seen = ExpiredObservation();
  seen.endpoints[0].keys->served =
      matrix_federation::Failure{matrix_federation::Reason::kKeysHttpStatus, "HTTP status 502"};
  EXPECT_THAT(SamplesOf(After(seen), "matrix_federation_probe_failure_info"),
              ElementsAre("matrix_federation_probe_failure_info{server_name=\"example.org\","
                          "check=\"certificate_is_in_date\",reason=\"tls_cert_expired\"} 1"));
}

TEST(Metrics, SayNothingOfChecksThatHadNothingToJudge) {
  const std::string text = After(UnknownNameObservation());
  EXPECT_EQ(text.find("check=\"certificate_is_trusted\""), std::string::npos);
  EXPECT_NE(text.find("check=\"destination_resolves\""), std::string::npos);
}

TEST(Metrics, SayNothingOfADestinationWithoutAddress) {
  EXPECT_THAT(SamplesOf(After(UnknownNameObservation()), "matrix_federation_discovery_info"),
              IsEmpty());
}

// HealthyObservation with a second record as good as the first, which was drawn this time.
Observation WithTheSecondRecordDrawn() {
  Observation seen = HealthyObservation();
  auto& records = seen.services.back().records;
  matrix_federation::SrvRecord second = records.front();
  second.target = "fed9.example.net";
  records.insert(records.begin(), second);
  seen.destination->host = second.target;
  return seen;
}

TEST(Metrics, NameTheSameDestinationWhicheverSrvRecordWasDrawn) {
  EXPECT_EQ(SamplesOf(After(WithTheSecondRecordDrawn()), "matrix_federation_discovery_info"),
            SamplesOf(After(HealthyObservation()), "matrix_federation_discovery_info"));
}

TEST(Metrics, LeaveSingleAddressesOutUnlessAsked) {
  EXPECT_THAT(SamplesOf(After(HealthyObservation()), "matrix_federation_address_success"),
              IsEmpty());
}

TEST(Metrics, ShowSingleAddressesWhenAsked) {
  Watched watched;
  watched.settings.metrics.per_address = true;
  Observation seen = HealthyObservation();
  seen.endpoints[1] = DeadEndpoint("192.0.2.10");
  const auto report = watched.Take(seen);
  EXPECT_THAT(SamplesOf(Expose(watched, &report), "matrix_federation_address_success"),
              ElementsAre("matrix_federation_address_success{server_name=\"example.org\","
                          "ip=\"2001:db8::10\",port=\"8448\",ip_version=\"6\"} 1",
                          "matrix_federation_address_success{server_name=\"example.org\","
                          "ip=\"192.0.2.10\",port=\"8448\",ip_version=\"4\"} 0"));
}

TEST(Metrics, CountAddressesOfEachIpVersion) {
  Observation seen = HealthyObservation();
  seen.endpoints[1] = DeadEndpoint("192.0.2.10");
  const std::string text = After(seen);
  EXPECT_THAT(
      SamplesOf(text, "matrix_federation_addresses"),
      ElementsAre("matrix_federation_addresses{server_name=\"example.org\",ip_version=\"4\"} 1",
                  "matrix_federation_addresses{server_name=\"example.org\",ip_version=\"6\"} 1"));
  EXPECT_THAT(
      SamplesOf(text, "matrix_federation_addresses_healthy"),
      ElementsAre(
          "matrix_federation_addresses_healthy{server_name=\"example.org\",ip_version=\"4\"} 0",
          "matrix_federation_addresses_healthy{server_name=\"example.org\",ip_version=\"6\"} 1"));
}

// Absent, for 0 would say that there is none.
TEST(Metrics, CountNoAddressesOfAnIpVersionThatWasNotLookedUp) {
  Observation seen = HealthyObservation();
  seen.endpoints = {DeadEndpoint("192.0.2.10")};
  seen.hosts = {{.host = "matrix.example.org", .unknown_ip_versions = {6}}};
  const auto only_ipv4 =
      ElementsAre("matrix_federation_addresses{server_name=\"example.org\",ip_version=\"4\"} 1");
  EXPECT_THAT(SamplesOf(After(seen), "matrix_federation_addresses"), only_ipv4);

  seen.hosts[0].unknown_ip_versions.clear();
  EXPECT_THAT(
      SamplesOf(After(seen), "matrix_federation_addresses"),
      ElementsAre("matrix_federation_addresses{server_name=\"example.org\",ip_version=\"4\"} 1",
                  "matrix_federation_addresses{server_name=\"example.org\",ip_version=\"6\"} 0"));

  Watched watched;
  watched.settings.network.ip_versions = {4};
  const auto report = watched.Take(seen);
  EXPECT_THAT(SamplesOf(Expose(watched, &report), "matrix_federation_addresses"), only_ipv4);
}

TEST(Metrics, ShowTheEarliestDateOverTheAddresses) {
  Observation seen = HealthyObservation();
  auto sooner = ChainOf("sooner");
  sooner->certificates[0].not_after = matrix_federation::SystemSeconds{1'801'000'000s};
  seen.endpoints[1].tls->chain = sooner;
  EXPECT_EQ(SamplesOf(After(seen), kNotAfter).front(),
            std::string(kNotAfter) +
                "{server_name=\"example.org\",role=\"federation\",position=\"0\"} 1801000000");
}

TEST(Metrics, ShowTheDateOfACertificateWithoutEnd) {
  Observation seen = HealthyObservation();
  auto endless = ChainOf("endless");  // RFC 5280 section 4.1.2.5
  endless->certificates[0].not_after = matrix_federation::SystemSeconds{253'402'300'799s};
  for (auto& endpoint : seen.endpoints) endpoint.tls->chain = endless;
  EXPECT_EQ(SamplesOf(After(seen), kNotAfter).front(),
            std::string(kNotAfter) +
                "{server_name=\"example.org\",role=\"federation\",position=\"0\"} 253402300799");
}

TEST(Metrics, ShowTheCertificatesOfAllAddressesOfTheWellKnownHost) {
  Observation seen = HealthyObservation();
  const auto address = matrix_federation::IpAddress::Parse("192.0.2.81").value();
  seen.well_known.answers.push_back(
      {.address = {address, 443},
       .tls = matrix_federation::TlsObservation{.chain = ChainOf("another")}});
  EXPECT_EQ(SamplesOf(After(seen), kDistinctLeaves).back(),
            std::string(kDistinctLeaves) + "{server_name=\"example.org\",role=\"well_known\"} 2");
}

TEST(Metrics, CountLeafCertificatesThatDisagree) {
  Observation seen = HealthyObservation();
  seen.endpoints[1].tls->chain = ChainOf("another");
  EXPECT_EQ(SamplesOf(After(seen), "matrix_federation_tls_distinct_leaf_certificates").front(),
            "matrix_federation_tls_distinct_leaf_certificates{server_name=\"example.org\","
            "role=\"federation\"} 2");
}

TEST(Metrics, KeepCertificateDatesWhileTheServerIsUnreachable) {
  EXPECT_EQ(SamplesOf(AfterLoss(60min), kNotAfter),
            SamplesOf(After(HealthyObservation()), kNotAfter));
}

TEST(Metrics, DropCertificateDatesOnceTheyAreStale) {
  EXPECT_THAT(SamplesOf(AfterLoss(61min), kNotAfter), IsEmpty());
}

TEST(Metrics, ShowTheLabelsOfTheOperator) {
  Watched watched;
  watched.server.group = "a \"group\"";
  watched.server.labels = {{"path", "C:\\chat"}, {"team", "one\ntwo"}};
  EXPECT_THAT(SamplesOf(Expose(watched, nullptr), "matrix_federation_target_info"),
              ElementsAre("matrix_federation_target_info{server_name=\"example.org\","
                          "group=\"a \\\"group\\\"\",path=\"C:\\\\chat\",team=\"one\\ntwo\"} 1"));
}

TEST(Metrics, EscapeWhatAHomeserverSays) {
  EXPECT_THAT(SamplesOf(After(Saying("\"} 1\\")), "matrix_federation_server_info"),
              ElementsAre("matrix_federation_server_info{server_name=\"example.org\","
                          "software=\"\\\"} 1\\\\\",version=\"\\\"} 1\\\\\"} 1"));
}

TEST(Metrics, TellSoftwareAndKeysOfAnAddressThatWorks) {
  Observation seen = HealthyObservation();
  auto& astray = seen.endpoints[0];
  astray.tls->name =
      matrix_federation::Failure{matrix_federation::Reason::kTlsCertNameMismatch, ""};
  astray.version->name = "another";
  astray.keys->current.clear();
  const std::string text = After(seen);
  EXPECT_EQ(SamplesOf(text, "matrix_federation_server_info"),
            SamplesOf(After(HealthyObservation()), "matrix_federation_server_info"));
  EXPECT_EQ(SamplesOf(text, "matrix_federation_signing_keys"),
            SamplesOf(After(HealthyObservation()), "matrix_federation_signing_keys"));
}

TEST(Metrics, LetNoInvalidUtf8IntoALabel) {
  const std::string text = After(Saying("\xff\xc0\xaf\xed\xa0\x80 Synapse"));
  EXPECT_NO_THROW(static_cast<void>(nlohmann::json(text).dump()));
  ExpectPromtoolAgrees(text);
}

TEST(Metrics, LetNoControlCharacterIntoALabel) {
  const std::string nul("\0", 1);
  const std::string text = After(Saying("\x1b[31m\r\n\t\x7f" + nul));
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
  EXPECT_TRUE(clean) << text;
  // A line feed would begin a sample of the homeserver's own making.
  EXPECT_THAT(SamplesOf(text, "matrix_federation_server_info"), SizeIs(1));
}

TEST(Metrics, CutLongTextsFromOutside) {
  const auto values = LabelValues(After(Saying(std::string(10'000, 'x'))));
  EXPECT_THAT(values, testing::Contains(std::string(64, 'x')));
  EXPECT_THAT(values, testing::Each(SizeIs(testing::Le(64))));
}

TEST(Metrics, CutLongTextsBetweenCharacters) {
  std::string text = "x";
  for (int i = 0; i < 5'000; ++i) text += "é";
  EXPECT_NO_THROW(static_cast<void>(nlohmann::json(After(Saying(text))).dump()));
}

}  // namespace
}  // namespace exporter
