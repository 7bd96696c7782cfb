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
constexpr auto kRemarks = std::to_array<std::string_view>({
    Word(Warning::kVersionUnparseable),
    Word(Warning::kVersionContentType),
    Word(Warning::kVersionUnsafeCharacters),
    Word(Warning::kVersionUnavailable),
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
    .why = R"(Homeservers never ask each other for the version, so federation works without it.
But the path stands beside those that carry messages: if it does not lead to the homeserver,
those may not either. The public federation tester reports such a server as bad.)",
    .fix = R"(Lead the whole of `/_matrix` to the homeserver.

nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
    }

Check it:

    curl -i https://matrix.example.org/_matrix/federation/v1/version

If you hide the version on purpose, nothing is wrong: only the version is unknown here.)",
    .codes = kCodes,
    .remarks = kRemarks,
    .judge = Judge,
};

}  // namespace matrix_federation
