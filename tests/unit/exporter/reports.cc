#include "unit/exporter/reports.h"

#include <chrono>
#include <sstream>
#include <utility>

#include "exporter/exposition.h"

namespace exporter {
namespace {

using matrix_federation::CertificateFacts;
using matrix_federation::CertificateName;
using matrix_federation::ChainAssessment;
using matrix_federation::Destination;
using matrix_federation::DnsStatus;
using matrix_federation::EndpointObservation;
using matrix_federation::Failure;
using matrix_federation::IpAddress;
using matrix_federation::Observation;
using matrix_federation::Reason;
using matrix_federation::Report;
using matrix_federation::ServerName;
using matrix_federation::ServerVersion;
using matrix_federation::SigningKeys;
using matrix_federation::Step;
using matrix_federation::SystemMilliseconds;
using matrix_federation::SystemSeconds;
using matrix_federation::SystemTime;
using matrix_federation::TlsObservation;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SystemTime kStartedAt{milliseconds{1'800'000'000'123}};
constexpr SystemSeconds kNotBefore{seconds{1'796'083'200}};  // 2026-12-01
constexpr SystemSeconds kNotAfter{seconds{1'803'859'200}};   // 2027-03-01

CertificateFacts LeafFor(const std::string& name, const std::string& fingerprint) {
  return {.subject_cn = name,
          .issuer_cn = "R11",
          .dns_names = {name},
          .serial_number = "03ab",
          .fingerprint_sha256 = fingerprint,
          .not_before = kNotBefore,
          .not_after = kNotAfter};
}

std::shared_ptr<ChainAssessment> ChainWithIntermediate(const std::string& name,
                                                       const std::string& fingerprint) {
  auto chain = std::make_shared<ChainAssessment>();
  chain->certificates = {LeafFor(name, fingerprint),
                         {.subject_cn = "R11",
                          .issuer_cn = "ISRG Root X1",
                          .serial_number = "8a7d3e13",
                          .fingerprint_sha256 = std::string(64, 'c'),
                          .not_before = kNotBefore,
                          .not_after = kNotAfter + std::chrono::days(365)}};
  return chain;
}

TlsObservation SessionWith(std::shared_ptr<ChainAssessment> chain) {
  return {.version = "TLS 1.3", .cipher = "TLS_AES_256_GCM_SHA384", .chain = std::move(chain)};
}

SigningKeys GoodKeys() {
  SigningKeys keys;
  keys.server_name = "example.org";
  keys.current = {{.id = "ed25519:auto", .key = std::string(32, 'k')}};
  keys.verified_key_ids = {"ed25519:auto"};
  keys.old_key_ids = {"ed25519:2024"};
  keys.valid_until = SystemMilliseconds{milliseconds{1'800'086'400'000}};
  return keys;
}

EndpointObservation GoodEndpoint(const std::string& ip, std::shared_ptr<ChainAssessment> chain) {
  EndpointObservation endpoint;
  endpoint.address = {IpAddress::Parse(ip).value(), 8448};
  endpoint.tls = SessionWith(std::move(chain));
  endpoint.keys_status = 200;
  endpoint.keys = GoodKeys();
  endpoint.version_status = 200;
  endpoint.version = ServerVersion{.name = "Synapse", .version = "1.157.1"};
  endpoint.clock_offset_seconds = 2.0;
  endpoint.connect_duration = milliseconds(11);
  endpoint.tls_duration = milliseconds(40);
  endpoint.keys_duration = milliseconds(31);
  endpoint.version_duration = milliseconds(12);
  return endpoint;
}

Observation Begun() {
  return {.queried_name = "example.org",
          .name = ServerName::Parse("example.org"),
          .started_at = kStartedAt,
          .duration = milliseconds(377)};
}

void Delegate(Observation& seen) {
  auto& lookup = seen.well_known;
  lookup.attempted = true;
  lookup.served = true;
  lookup.delegated = ServerName::Parse("matrix.example.org").value();
  lookup.url = "https://example.org/.well-known/matrix/server";
  lookup.final_url = lookup.url;
  lookup.status = 200;
  lookup.cache_lifetime = seconds(86'400);
  lookup.addresses = {
      {.address = {IpAddress::Parse("192.0.2.80").value(), 443}, .m_server = "matrix.example.org"}};
  lookup.tls = SessionWith(ChainWithIntermediate("example.org", std::string(64, 'b')));
  lookup.duration = milliseconds(50);
}

}  // namespace

Observation HealthyObservation() {
  Observation seen = Begun();
  Delegate(seen);
  seen.services = {
      {.name = "_matrix-fed._tcp.matrix.example.org",
       .status = DnsStatus::kFound,
       .records = {{.priority = 10, .weight = 5, .port = 8448, .target = "fed1.example.net"},
                   {.priority = 10, .weight = 5, .port = 8448, .target = "fed2.example.net"}}}};
  seen.destination = Destination{.step = Step::k33,
                                 .host = "fed1.example.net",
                                 .host_header = "matrix.example.org",
                                 .sni = "matrix.example.org",
                                 .certificate_name = {.value = "matrix.example.org"}};
  seen.hosts = {
      {.host = "fed1.example.net", .addresses = {IpAddress::Parse("2001:db8::10").value()}},
      {.host = "fed2.example.net", .addresses = {IpAddress::Parse("192.0.2.10").value()}}};
  const auto chain = ChainWithIntermediate("matrix.example.org", std::string(64, 'a'));
  seen.endpoints = {GoodEndpoint("2001:db8::10", chain), GoodEndpoint("192.0.2.10", chain)};
  seen.dns_duration = milliseconds(20);
  return seen;
}

Observation ExpiredObservation() {
  Observation seen = Begun();
  auto& lookup = seen.well_known;
  lookup.attempted = true;
  lookup.url = "https://example.org/.well-known/matrix/server";
  lookup.final_url = lookup.url;
  lookup.failure = Failure{Reason::kWellknownTimeout, "192.0.2.80:443 did not answer in time"};
  lookup.duration = seconds(10);
  seen.services = {
      {.name = "_matrix-fed._tcp.example.org", .status = DnsStatus::kNxdomain},
      {.name = "_matrix._tcp.example.org", .deprecated = true, .status = DnsStatus::kNxdomain}};
  seen.destination = Destination{.step = Step::k6,
                                 .host = "example.org",
                                 .host_header = "example.org",
                                 .sni = "example.org",
                                 .certificate_name = {.value = "example.org"}};
  seen.hosts = {{.host = "example.org", .addresses = {IpAddress::Parse("192.0.2.10").value()}}};
  auto chain = ChainOf(std::string(64, 'd'));
  chain->certificates[0].not_after = SystemSeconds{seconds{1'799'900'000}};
  chain->dates = Failure{Reason::kTlsCertExpired,
                         "the certificate of 192.0.2.10:8448 expired on 2027-01-14; renew it"};
  seen.endpoints = {GoodEndpoint("192.0.2.10", chain)};
  return seen;
}

Observation UnknownNameObservation() {
  Observation seen = Begun();
  seen.well_known.attempted = true;
  seen.well_known.url = "https://example.org/.well-known/matrix/server";
  seen.well_known.final_url = seen.well_known.url;
  seen.well_known.failure = Failure{Reason::kWellknownDnsError, "example.org does not exist"};
  seen.services = {
      {.name = "_matrix-fed._tcp.example.org", .status = DnsStatus::kNxdomain},
      {.name = "_matrix._tcp.example.org", .deprecated = true, .status = DnsStatus::kNxdomain}};
  seen.destination = Destination{.step = Step::k6,
                                 .host = "example.org",
                                 .host_header = "example.org",
                                 .sni = "example.org",
                                 .certificate_name = {.value = "example.org"}};
  seen.discovery =
      Failure{Reason::kDnsNxdomain, "example.org does not exist in the DNS (NXDOMAIN)"};
  seen.hosts = {{.host = "example.org", .failure = seen.discovery}};
  return seen;
}

std::shared_ptr<ChainAssessment> ChainOf(const std::string& fingerprint) {
  auto chain = std::make_shared<ChainAssessment>();
  chain->certificates = {LeafFor("example.org", fingerprint)};
  return chain;
}

EndpointObservation DeadEndpoint(const std::string& ip) {
  EndpointObservation endpoint;
  endpoint.address = {IpAddress::Parse(ip).value(), 8448};
  endpoint.connect = Failure{Reason::kConnectRefused, ip + " refused the connection"};
  return endpoint;
}

Watched::Watched() {
  server.server_name = "example.org";
  server.group = "customers";
  server.labels = {{"team", "chat"}};
}

Report Watched::Take(Observation seen, SystemTime finished_at) {
  Report report = matrix_federation::Judge(std::move(seen));
  Update(history, report, finished_at);
  return report;
}

std::string Expose(const Watched& watched, const Report* report, SystemTime finished_at,
                   SystemTime now, Format format) {
  const Row row = MakeRow(watched.server);
  row.slot->Publish(
      RenderBlock({watched.server, watched.settings, watched.history, report, finished_at}));
  Board board;
  board.Replace({row});
  return RenderExposition(board, "", now, format);
}

std::vector<std::string> SamplesOf(const std::string& exposition, const std::string& family) {
  std::vector<std::string> samples;
  std::istringstream lines(exposition);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(family + "{") || line.starts_with(family + " ")) samples.push_back(line);
  }
  return samples;
}

}  // namespace exporter
