#include <algorithm>
#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// Whatever step produced the destination, its host needs an A or AAAA record.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kSrvServiceDisabled),
    Word(Reason::kSrvTargetNoAddress),
    Word(Reason::kSrvInvalidPort),
    Word(Reason::kDnsNxdomain),
    Word(Reason::kDnsNodata),
    Word(Reason::kDnsServfail),
    Word(Reason::kDnsRefused),
    Word(Reason::kDnsTimeout),
    Word(Reason::kDnsMalformed),
    Word(Reason::kProbeTimeout),
    Word(Reason::kInternalError),
});

Verdict Judge(const Observation& seen) {
  if (seen.internal_error) return Verdict::Fail(*seen.internal_error);
  if (!seen.endpoints.empty()) return Verdict::Pass();
  if (!seen.destination || !seen.discovery) return Verdict::NotObserved();
  const bool srv_query_failed =
      std::any_of(seen.services.begin(), seen.services.end(), [](const SrvObservation& query) {
        return query.status != DnsStatus::kFound && query.status != DnsStatus::kNxdomain &&
               query.status != DnsStatus::kNodata;
      });
  return srv_query_failed ? Verdict::NotObserved() : Verdict::Fail(*seen.discovery);
}

}  // namespace

const Check destination_resolves{
    .name = "destination_resolves",
    .severity = Severity::kError,
    .summary = "The destination has at least one address.",
    .citation = "server-server API, Resolving server names",
    .why = R"(Without an address there is nothing to connect to. Servers do not go back and try
another way: a valid `.well-known` file and an SRV record that was found both end the search.)",
    .fix = R"(Publish A and AAAA records for the host that discovery ends at, or correct its
name in `m.server` or in the SRV record.

    matrix.example.org.  3600  IN  A     192.0.2.10
    matrix.example.org.  3600  IN  AAAA  2001:db8::10

See every step that discovery took, and where it ended:

    matrix-federation-exporter check example.org)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
