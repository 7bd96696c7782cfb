#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// Homeservers never ask each other for it, so federation works without; people and this exporter
// do.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kHttpNoResponse),
    Word(Reason::kHttpTimeout),
    Word(Reason::kHttpTooLarge),
    Word(Reason::kTlsClientCertRequired),
    Word(Reason::kVersionHttpStatus),
    Word(Reason::kVersionInvalidJson),
    Word(Reason::kVersionMissingServer),
    Word(Reason::kVersionMissingVersion),
    Word(Reason::kVersionInvalidField),
});

Verdict Judge(const Observation& seen) {
  const EndpointObservation* endpoint = VersionEndpoint(seen);
  if (endpoint == nullptr) return Verdict::NotObserved();
  const ServerVersion& version = *endpoint->version;
  Verdict verdict = Verdict::Pass();
  if (version.failure) verdict = Verdict::Fail(AtAddress(*endpoint, *version.failure));
  verdict.findings = version.warnings;
  if (version.failure && SomeEndpointWorks(seen)) {
    verdict.findings.push_back({Warning::kVersionUnavailable, verdict.detail});
  }
  return verdict;
}

}  // namespace

const Check version_is_reported{
    .name = "version_is_reported",
    .severity = Severity::kWarning,
    .summary = "/_matrix/federation/v1/version answers as specified.",
    .citation = "server-server API, Server implementation",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
