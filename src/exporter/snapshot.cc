#include "exporter/snapshot.h"

#include <algorithm>
#include <boost/make_shared.hpp>
#include <utility>

#include "exporter/state_codec.h"
#include "matrix_federation/label.h"
#include "matrix_federation/limits.h"
#include "web/compress.h"

namespace exporter {
namespace {

using matrix_federation::ChainAssessment;
using matrix_federation::EndpointObservation;
using matrix_federation::IpAddress;
using matrix_federation::kWarningRows;
using matrix_federation::Observation;
using matrix_federation::Report;
using matrix_federation::SystemSeconds;
using matrix_federation::TlsObservation;
using matrix_federation::ToLabel;

static_assert(kWarningRows.size() <= 8 * sizeof(WarningBits));

std::shared_ptr<const ChainAssessment> TypicalChain() {
  auto chain = std::make_shared<ChainAssessment>();
  chain->certificates = {
      {.subject_cn = "matrix.example.org", .issuer_cn = "R13", .dns_names = {"matrix.example.org"}},
      {.subject_cn = "R13", .issuer_cn = "ISRG Root X1"}};
  return chain;
}

// Of which real ones have most words and phrases.
Report TypicalReport() {
  const TlsObservation tls{
      .version = "TLS 1.3", .cipher = "TLS_AES_256_GCM_SHA384", .chain = TypicalChain()};
  Observation seen{.queried_name = "example.org",
                   .name = matrix_federation::ServerName::Parse("example.org")};
  seen.well_known = {.attempted = true,
                     .url = "https://example.org/.well-known/matrix/server",
                     .final_url = "https://example.org/.well-known/matrix/server",
                     .status = 200,
                     .tls = tls};
  seen.destination.emplace();
  for (const char* ip : {"2001:db8::1", "192.0.2.1"}) {
    EndpointObservation& endpoint = seen.endpoints.emplace_back();
    endpoint.address = {IpAddress::Parse(ip).value(), 443};
    endpoint.tls = tls;
    endpoint.keys.emplace();
    endpoint.version = {.name = "Synapse", .version = "1.150.0"};
  }
  return matrix_federation::Judge(std::move(seen));
}

const web::DictionaryPacker& Packer() {
  static const web::DictionaryPacker packer(ToJson(TypicalReport()));
  return packer;
}

std::optional<CertificateLifetime> FirstToEnd(const ChainAssessment& chain) {
  std::optional<CertificateLifetime> first;
  for (const auto& facts : chain.certificates) {
    if (!first || facts.not_after < first->not_after) first = {facts.not_before, facts.not_after};
  }
  return first;
}

std::optional<CertificateLifetime> FirstToEnd(const TlsObservation& tls) {
  return tls.chain ? FirstToEnd(*tls.chain) : std::nullopt;
}

std::optional<CertificateLifetime> FirstToEnd(const Observation& seen, Role role) {
  if (role == Role::kWellKnown) {
    return seen.well_known.tls ? FirstToEnd(*seen.well_known.tls) : std::nullopt;
  }
  std::optional<CertificateLifetime> first;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    const auto lifetime = endpoint.tls ? FirstToEnd(*endpoint.tls) : std::nullopt;
    if (lifetime && (!first || lifetime->not_after < first->not_after)) first = lifetime;
  }
  return first;
}

// "[2001:db8::1]:443" for an address.
std::string HostAndPort(const matrix_federation::Destination& to) {
  const bool is_ipv6 = to.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + to.host + "]" : to.host) + ":" + std::to_string(to.port);
}

}  // namespace

std::vector<std::string_view> Summary::WarningWords() const {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < kWarningRows.size(); ++i) {
    if ((warnings >> i & 1) != 0) words.push_back(kWarningRows.at(i).word);
  }
  return words;
}

Summary Summarize(const Report& report) {
  const Observation& seen = report.observation;
  Summary summary;
  summary.federation_ok = report.federation_ok;
  summary.all_addresses_ok = report.all_addresses_ok;
  if (report.root_cause) {
    summary.check = report.root_cause->check->name;
    summary.reason = report.root_cause->reason;
    summary.detail = matrix_federation::ToSentence(report.root_cause->detail);
  }
  for (const auto& finding : report.warnings) {
    summary.warnings |= WarningBits{1} << static_cast<unsigned>(finding.warning);
  }
  if (seen.destination && !seen.endpoints.empty()) {
    summary.method = MethodOf(seen.destination->step);
    summary.destination = matrix_federation::ToSentence(HostAndPort(LastingDestination(seen)));
  }
  if (const auto* version = FirstVersion(seen)) {
    summary.software = ToLabel(version->name.value_or(""));
    summary.version = ToLabel(*version->version);
  }
  for (const Role role : {Role::kFederation, Role::kWellKnown}) {
    summary.certificates.at(static_cast<std::size_t>(role)) = FirstToEnd(seen, role);
  }
  summary.ipv4 = CountAddresses(seen, 4);
  summary.ipv6 = CountAddresses(seen, 6);
  summary.duration = seen.duration;
  return summary;
}

void KeepCertificates(Summary& summary, const History& history, matrix_federation::Duration kept) {
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    auto& shown = summary.certificates.at(role);
    const SeenCertificates& seen = history.certificates[role];
    if (shown || *history.last_finished - seen.seen_at > kept) continue;
    for (const auto& chain : seen.chains) {
      const auto lifetime = FirstToEnd(*chain);
      if (lifetime && (!shown || lifetime->not_after < shown->not_after)) shown = lifetime;
    }
  }
}

Details DetailsOf(const Report& report) {
  Details details{.report = ToJson(report)};
  if (details.report.size() > kStoredReportMax) details.report.clear();
  std::size_t left = kStoredKeyDocumentsMax;
  for (const EndpointObservation& endpoint : report.observation.endpoints) {
    std::string& document = details.key_documents.emplace_back();
    if (!endpoint.keys || endpoint.keys->document.size() > left) continue;
    document = endpoint.keys->document;
    left -= document.size();
  }
  return details;
}

std::string Pack(const Details& details) {
  std::string plain;
  StateEncoder encoder(plain);
  encoder(details.report);
  encoder.List(details.key_documents, matrix_federation::kEndpointsMax, encoder);
  return Packer().Pack(plain);
}

Details Unpack(std::string_view packed) {
  const std::string plain = Packer().Unpack(packed);
  StateDecoder decoder(plain);
  Details details;
  decoder(details.report);
  decoder.List(details.key_documents, matrix_federation::kEndpointsMax,
               [&](std::string& document) { decoder(document); });
  return details;
}

SnapshotPointer MakeSnapshot(Summary summary, const Details& details, const History& history) {
  return MakeSnapshot(std::move(summary), Pack(details), history);
}

SnapshotPointer MakeSnapshot(Summary summary, std::string packed_details, const History& history) {
  auto snapshot = boost::make_shared<Snapshot>();
  snapshot->summary = std::move(summary);
  snapshot->finished_at = *history.last_finished;
  snapshot->since = *history.last_state_change;
  snapshot->last_success = history.last_success;
  snapshot->probes = history.probes;
  snapshot->failures = history.failures;
  snapshot->consecutive_failures = history.consecutive_failures;
  snapshot->episodes = history.episodes;
  snapshot->packed_details = std::move(packed_details);
  return snapshot;
}

}  // namespace exporter
