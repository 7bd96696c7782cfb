#include "checks/all_checks.h"
#include "checks/leaves.h"

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

// The first faulty certificate of these addresses, all of one host.
MaybeFailure FirstFailure(const std::vector<WellKnownAddress>& addresses, SystemTime now) {
  const std::vector<ServedLeaf> leaves = LeavesOf(addresses);
  const ServedLeaf* best = BestOf(leaves);
  for (const ServedLeaf& leaf : leaves) {
    const Failure* failure = leaf.tls->failure();
    if (failure == nullptr) continue;
    if (best != nullptr) return Failure{failure->reason, Contrast(leaf, *best, now)};
    return Failure{failure->reason, leaf.addresses.front().ToString() + ": " + failure->detail};
  }
  return std::nullopt;
}

Verdict Judge(const Observation& seen) {
  if (!seen.name) return Verdict::NotObserved();
  if (!seen.well_known.attempted) return Verdict::NotApplicable();
  // The host itself on each of its addresses, then where its redirects led.
  for (const auto* addresses : {&seen.well_known.answers, &seen.well_known.addresses}) {
    if (const MaybeFailure failure = FirstFailure(*addresses, seen.started_at)) {
      return Verdict::Fail(*failure);
    }
  }
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
    .why = R"(Servers check this certificate as strictly as the one of the homeserver. If it is
not valid for `example.org`, the file does not count, and they go on at SRV records and port
8448 of the server name.)",
    .fix = R"(Get a certificate that covers the server name itself, not only the host of the
homeserver, and reload the web server.

    certbot certonly --nginx -d example.org -d matrix.example.org

nginx, in the `server` block of example.org:

    ssl_certificate     /etc/letsencrypt/live/example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/example.org/privkey.pem;

Then:

    nginx -t && nginx -s reload)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
