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
constexpr auto kRemarks = std::to_array<std::string_view>({
    Word(Warning::kWellknownIgnored),
    Word(Warning::kWellknownRedirectToHttp),
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
    .why = R"(The file says where the homeserver is. When it cannot be fetched or read, servers
go on at SRV records and port 8448 of the server name; if the homeserver is not there, they do
not find it. With a malformed `m.server` Synapse and Dendrite do not even go on. The failure
shows slowly, since servers remember a good file for 24 hours and 48 at most.)",
    .fix = R"(Let the web server of the server name answer the path itself, with status 200 and
this JSON.

nginx, in the `server` block of example.org:

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    }

Caddy, in the site block of example.org:

    header /.well-known/matrix/server Content-Type application/json
    respond /.well-known/matrix/server `{"m.server": "matrix.example.org:443"}`

Check it:

    curl -i https://example.org/.well-known/matrix/server

If you do not delegate, answer 404: then this check has nothing to judge. A domain without a
web server fails here as well; if it lives on SRV records alone, that is no fault.)",
    .codes = kCodes,
    .remarks = kRemarks,
    .judge = Judge,
};

}  // namespace matrix_federation
