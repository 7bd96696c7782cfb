#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// An error while fetching or reading the file sends discovery on to step 4. A clean 404 means that
// none is published; any other failure is worth a look, since Synapse and Dendrite partly stop
// there.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kWellknownDnsError),
    Word(Reason::kWellknownConnectFailed),
    Word(Reason::kWellknownTimeout),
    Word(Reason::kWellknownTlsError),
    Word(Reason::kWellknownNoResponse),
    Word(Reason::kWellknownHttpStatus),
    Word(Reason::kWellknownRedirectLoop),
    Word(Reason::kWellknownTooManyRedirects),
    Word(Reason::kWellknownRedirectNoLocation),
    Word(Reason::kWellknownTooLarge),
    Word(Reason::kWellknownInvalidJson),
    Word(Reason::kWellknownNotObject),
    Word(Reason::kWellknownMissingMServer),
    Word(Reason::kWellknownInvalidMServer),
});

bool IsCleanlyAbsent(const WellKnownObservation& lookup) {
  return lookup.failure->reason == Reason::kWellknownHttpStatus && lookup.status == 404;
}

Verdict Judge(const Observation& seen) {
  const WellKnownObservation& lookup = seen.well_known;
  if (!seen.name) return Verdict::NotObserved();
  if (!lookup.attempted) return Verdict::NotApplicable();
  Verdict verdict = Verdict::Pass();
  if (lookup.failure) {
    if (IsCleanlyAbsent(lookup)) return Verdict::NotApplicable();
    verdict = Verdict::Fail(*lookup.failure);
    if (lookup.served) {
      verdict.findings.push_back({Warning::kWellknownIgnored, lookup.failure->detail});
    }
  }
  if (lookup.left_https) {
    verdict.findings.push_back(
        {Warning::kWellknownRedirectToHttp,
         "the redirects of " + lookup.url + " left HTTPS, so the delegation is not authenticated"});
  }
  return verdict;
}

}  // namespace

const Check well_known_is_usable{
    .name = "well_known_is_usable",
    .severity = Severity::kWarning,
    .summary = "A served /.well-known/matrix/server file is valid.",
    .citation = "server-server API, Resolving server names step 3",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
