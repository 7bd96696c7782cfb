#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "matrix_federation/report.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

using std::chrono::milliseconds;

// An observation in which every member of the report has something to say.
Observation FullObservation() {
  Observation seen = GoodObservation();
  seen.duration = milliseconds{212};
  seen.well_known.status = 200;
  seen.well_known.failure.reset();
  seen.well_known.delegated = *ServerName::Parse("matrix.example.org");
  seen.well_known.cache_lifetime = std::chrono::hours{24};
  seen.well_known.addresses = {
      {.address = {*IpAddress::Parse("192.0.2.9"), 443},
       .failure = Because(Reason::kWellknownConnectFailed)},
      {.address = {*IpAddress::Parse("192.0.2.10"), 443}, .m_server = "matrix.example.org"}};
  seen.services = {
      {.name = "_matrix-fed._tcp.matrix.example.org", .status = DnsStatus::kNodata},
      {.name = "_matrix._tcp.matrix.example.org",
       .deprecated = true,
       .status = DnsStatus::kFound,
       .records = {{.priority = 10, .weight = 5, .port = 8448, .target = "node.example.net"}}}};
  seen.hosts[0].host = "node.example.net";
  seen.destination->step = Step::k34;
  seen.destination->host = "node.example.net";
  seen.destination->host_header = "matrix.example.org";
  seen.destination->sni = "matrix.example.org";
  seen.destination->certificate_name.value = "matrix.example.org";
  EndpointObservation& works = seen.endpoints[0];
  works.connect_duration = milliseconds{11};
  works.tls_duration = milliseconds{20};
  works.keys_duration = milliseconds{31};
  works.version_duration = milliseconds{12};
  works.keys->old_key_ids = {"ed25519:old"};
  EndpointObservation& refuses = seen.endpoints.emplace_back();
  refuses.address = {*IpAddress::Parse("2001:db8::10"), 8448};
  refuses.attempts = 2;
  refuses.connect = Because(Reason::kConnectReset);
  seen.endpoints_truncated = 1;
  return seen;
}

std::string Golden(const std::string& name) {
  std::ifstream file(std::string(TESTDATA_DIRECTORY) + "/" + name);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ToJson, WritesEveryMember) {
  EXPECT_EQ(ToJson(Judge(FullObservation())), Golden("report.json"));
}

TEST(ToJson, NamesTheRootCause) {
  Observation seen = GoodObservation();
  seen.endpoints[0].keys->dates = Because(Reason::kKeysExpired);
  const std::string json = ToJson(Judge(std::move(seen)));
  EXPECT_TRUE(Contains(json,
                       R"("federation_ok":false,"all_addresses_ok":false,"reason":"keys_expired",)"
                       R"("detail":"192.0.2.10:8448: because of keys_expired")"))
      << json;
}

TEST(ToJson, HasNoDestinationForAnInvalidName) {
  const std::string json = ToJson(Judge({.queried_name = "a b", .name = ServerName::Parse("a b")}));
  EXPECT_TRUE(Contains(json, R"("discovery":{"well_known":{"attempted":false,"outcome":"skipped",)"
                             R"("reason":null},"srv":[]},"endpoints":[],"checks":)"))
      << json;
}

TEST(ToJson, HasNoPortWhereNoneWasFound) {
  Observation seen = GoodObservation();
  seen.destination->port = 0;
  EXPECT_TRUE(Contains(ToJson(Judge(std::move(seen))), R"("port":null)"));
}

TEST(ToJson, TellsWhyACertificateIsNotVerified) {
  Observation seen = GoodObservation();
  seen.endpoints[0].tls->name = Because(Reason::kTlsCertNameMismatch);
  EXPECT_TRUE(Contains(ToJson(Judge(std::move(seen))),
                       R"("verified":false,"reason":"tls_cert_name_mismatch","certificates":[{)"));
}

TEST(ToJson, ReplacesWhatIsNoUtf8) {
  Observation seen = GoodObservation();
  seen.queried_name = "\xff\n";
  EXPECT_TRUE(Contains(ToJson(Judge(std::move(seen))), "{\"server_name\":\"\xef\xbf\xbd\\n\","));
}

}  // namespace
}  // namespace matrix_federation
