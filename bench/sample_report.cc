#include "sample_report.h"

#include <array>
#include <random>

namespace bench {
namespace {

using namespace matrix_federation;  // NOLINT(google-build-using-namespace): all of it is of there
using std::chrono::milliseconds;

std::string Letters(std::mt19937& random, std::size_t count, std::string_view alphabet) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text.push_back(alphabet[random() % alphabet.size()]);
  return text;
}

CertificateFacts SampleCertificate(std::mt19937& random, const std::string& subject,
                                   const std::string& issuer) {
  constexpr std::string_view kHex = "0123456789abcdef";
  CertificateFacts facts;
  facts.subject_cn = subject;
  facts.issuer_cn = issuer;
  facts.dns_names = {subject};
  facts.serial_number = Letters(random, 36, kHex);
  facts.fingerprint_sha256 = Letters(random, 64, kHex);
  facts.not_before = SystemSeconds{std::chrono::seconds{1'795'000'000 + random() % 1'000'000}};
  facts.not_after = facts.not_before + std::chrono::days{90};
  return facts;
}

EndpointObservation SampleEndpoint(std::mt19937& random, IpAddress ip, const TlsObservation& tls,
                                   const std::string& name) {
  EndpointObservation endpoint;
  endpoint.address = {ip, 443};
  endpoint.tls = tls;
  endpoint.keys_status = 200;
  endpoint.version_status = 200;
  endpoint.clock_offset_seconds = 0.0;
  SigningKeys keys;
  keys.server_name = name;
  keys.current = {{"ed25519:a_" + Letters(random, 4, "abcdefghijklmnop"), std::string(32, 'k')}};
  keys.verified_key_ids = {keys.current.front().id};
  keys.valid_until = SystemMilliseconds{milliseconds{1'800'000'000'000 + random() % 86'400'000}};
  endpoint.keys = keys;
  endpoint.version = ServerVersion{.name = "Synapse", .version = "1.157.1"};
  endpoint.connect_duration = milliseconds(5 + random() % 40);
  endpoint.tls_duration = milliseconds(10 + random() % 80);
  endpoint.keys_duration = milliseconds(10 + random() % 80);
  endpoint.version_duration = milliseconds(10 + random() % 80);
  return endpoint;
}

}  // namespace

std::string SampleName(std::size_t number) {
  std::mt19937 random(static_cast<unsigned>(number) * 2654435761U + 1);
  return Letters(random, 6 + random() % 8, "abcdefghijklmnopqrstuvwxyz") + "." +
         Letters(random, 4 + random() % 6, "abcdefghijklmnopqrstuvwxyz") + ".org";
}

Report SampleReport(std::size_t number) {
  std::mt19937 random(static_cast<unsigned>(number));
  const std::string name = SampleName(number);
  const std::string host = "matrix." + name;
  Observation seen{.queried_name = name,
                   .name = ServerName::Parse(name),
                   .started_at = SystemTime{std::chrono::seconds{1'800'000'000}}};
  auto chain = std::make_shared<ChainAssessment>();
  chain->certificates = {SampleCertificate(random, host, "E7"),
                         SampleCertificate(random, "E7", "ISRG Root X2")};
  const TlsObservation tls{
      .version = "TLS 1.3", .cipher = "TLS_AES_256_GCM_SHA384", .chain = chain};
  seen.well_known.attempted = true;
  seen.well_known.delegated = *ServerName::Parse(host + ":443");
  seen.well_known.url = "https://" + name + "/.well-known/matrix/server";
  seen.well_known.final_url = seen.well_known.url;
  seen.well_known.status = 200;
  seen.well_known.cache_lifetime = std::chrono::hours{24};
  seen.well_known.tls = tls;
  seen.well_known.duration = milliseconds(20 + random() % 200);
  seen.destination = Destination{.step = Step::k32, .host = host, .port = 443};
  seen.dns_duration = milliseconds(1 + random() % 30);
  seen.hosts = {HostObservation{.host = host}};
  const auto octet = [&] { return static_cast<std::uint8_t>(random() % 250 + 1); };
  seen.endpoints.push_back(SampleEndpoint(
      random, IpAddress::FromV6({0x20, 0x01, 0x0d, 0xb8, octet(), octet(), 0, 1}), tls, name));
  seen.endpoints.push_back(
      SampleEndpoint(random, IpAddress::FromV4({192, octet(), octet(), octet()}), tls, name));
  seen.duration = milliseconds(50 + random() % 400);
  return Judge(std::move(seen));
}

}  // namespace bench
