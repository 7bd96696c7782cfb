#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// The .well-known file is fetched by ordinary HTTPS: a bad certificate makes it an error response.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kTlsCertSelfSigned),
    Word(Reason::kTlsCertIncompleteChain),
    Word(Reason::kTlsCertUntrusted),
    Word(Reason::kTlsCertWeak),
    Word(Reason::kTlsCertExpired),
    Word(Reason::kTlsCertNotYetValid),
    Word(Reason::kTlsCertNameMismatch),
});

Verdict Judge(const Observation& seen) {
  if (!seen.name) return Verdict::NotObserved();
  if (!seen.well_known.attempted) return Verdict::NotApplicable();
  if (!seen.well_known.tls) return Verdict::NotObserved();
  const Failure* failure = seen.well_known.tls->failure();
  return failure == nullptr ? Verdict::Pass() : Verdict::Fail(*failure);
}

}  // namespace

const Check well_known_certificate_is_valid{
    .name = "well_known_certificate_is_valid",
    .severity = Severity::kWarning,
    .summary = "The certificate of the .well-known host is trusted, in date and covers its name.",
    .citation = "server-server API, Resolving server names step 3; TLS",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
