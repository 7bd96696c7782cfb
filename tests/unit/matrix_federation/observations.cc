#include "unit/matrix_federation/observations.h"

#include <chrono>

namespace matrix_federation {

std::shared_ptr<ChainAssessment> GoodChain() {
  auto chain = std::make_shared<ChainAssessment>();
  chain->certificates.push_back({.subject_cn = "example.org",
                                 .issuer_cn = "R11",
                                 .dns_names = {"example.org"},
                                 .serial_number = "03ab",
                                 .fingerprint_sha256 = "9f00",
                                 .not_before = SystemSeconds{std::chrono::seconds{1'796'083'200}},
                                 .not_after = SystemSeconds{std::chrono::seconds{1'803'859'200}}});
  return chain;
}

EndpointObservation GoodEndpoint(const std::string& ip) {
  EndpointObservation endpoint;
  endpoint.address = {IpAddress::Parse(ip).value(), 8448};
  endpoint.tls = TlsObservation{
      .version = "TLS 1.3", .cipher = "TLS_AES_256_GCM_SHA384", .chain = GoodChain()};
  endpoint.keys_status = 200;
  endpoint.keys = SigningKeys{};
  endpoint.keys->server_name = "example.org";
  endpoint.keys->verified_key_ids = {"ed25519:auto"};
  endpoint.keys->valid_until = SystemMilliseconds{std::chrono::milliseconds{1'800'086'400'000}};
  endpoint.version_status = 200;
  endpoint.version = ServerVersion{.name = "Synapse", .version = "1.157.1"};
  endpoint.clock_offset_seconds = 0.0;
  return endpoint;
}

Observation GoodObservation() {
  Observation seen{.queried_name = "example.org",
                   .name = ServerName::Parse("example.org"),
                   .started_at = SystemTime{std::chrono::milliseconds{1'800'000'000'123}}};
  seen.well_known.attempted = true;
  seen.well_known.url = "https://example.org/.well-known/matrix/server";
  seen.well_known.final_url = seen.well_known.url;
  seen.well_known.status = 404;
  seen.well_known.failure = Because(Reason::kWellknownHttpStatus);
  seen.well_known.tls = TlsObservation{
      .version = "TLS 1.3", .cipher = "TLS_AES_256_GCM_SHA384", .chain = GoodChain()};
  seen.services = {
      {.name = "_matrix-fed._tcp.example.org", .status = DnsStatus::kNxdomain},
      {.name = "_matrix._tcp.example.org", .deprecated = true, .status = DnsStatus::kNxdomain}};
  seen.destination = Destination{.step = Step::k6,
                                 .host = "example.org",
                                 .host_header = "example.org",
                                 .sni = "example.org",
                                 .certificate_name = {.value = "example.org"}};
  seen.endpoints = {GoodEndpoint()};
  seen.hosts = {{.host = "example.org", .addresses = {seen.endpoints[0].address.ip}}};
  return seen;
}

Failure Because(Reason reason) { return {reason, "because of " + std::string(Word(reason))}; }

std::string Judged(const Check& check, const Observation& seen) {
  const Verdict verdict = check.judge(seen);
  const std::string word(Word(verdict.status));
  return verdict.status == Status::kFail ? word + ": " + std::string(verdict.code) : word;
}

std::set<std::string> Found(const Check& check, const Observation& seen) {
  std::set<std::string> words;
  for (const Finding& finding : check.judge(seen).findings) words.emplace(Word(finding.warning));
  return words;
}

}  // namespace matrix_federation
