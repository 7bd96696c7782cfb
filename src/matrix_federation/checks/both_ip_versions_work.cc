#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// Homeservers with only one IP version see nothing of the other one.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kIpVersionUnreachable),
});

struct Tally {
  int addresses = 0;
  int working = 0;
  bool conclusive = false;
};

Tally Count(const Observation& seen, int ip_version) {
  Tally tally;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (endpoint.address.ip.network_version() != ip_version) continue;
    ++tally.addresses;
    tally.conclusive = tally.conclusive || IsConclusive(seen, endpoint);
    if (FirstFailure(endpoint) == nullptr) ++tally.working;
  }
  return tally;
}

Verdict Judge(const Observation& seen) {
  if (!SomeEndpointWorks(seen)) return Verdict::NotObserved();
  const Tally v4 = Count(seen, 4);
  const Tally v6 = Count(seen, 6);
  const bool own_network_has_both = seen.network_has_ipv4 && seen.network_has_ipv6;
  // A dead address answers the question even where this machine's routes are unusual.
  const bool reached_both = v4.conclusive && v6.conclusive;
  if (v4.addresses == 0 || v6.addresses == 0 || !(own_network_has_both || reached_both)) {
    return Verdict::NotApplicable();
  }
  if (v4.working != 0 && v6.working != 0) return Verdict::Pass();
  // The address that works may be among those that were not tried.
  if (v4.working == 0 ? seen.truncated_ipv4 : seen.truncated_ipv6) return Verdict::NotObserved();
  return Verdict::Warn({Warning::kIpVersionUnreachable,
                        std::string("no ") + (v4.working == 0 ? "IPv4" : "IPv6") +
                            " address works, while the other IP version does; repair it or remove "
                            "the " +
                            (v4.working == 0 ? "A" : "AAAA") + " records"});
}

}  // namespace

const Check both_ip_versions_work{
    .name = "both_ip_versions_work",
    .severity = Severity::kWarning,
    .summary = "IPv4 and IPv6 each have a working address, where both are published.",
    .citation = "operational; server-server API, Resolving server names",
    .why = R"(Servers that have only one IP version see nothing of the other. If IPv6 is
broken, IPv6-only servers cannot reach the homeserver at all; all others lose time whenever
they begin with it.)",
    .fix = R"(Listen for both versions and open the firewall for both, or remove the records of
the one that you do not offer.

nginx:

    listen 443 ssl;
    listen [::]:443 ssl;

Check both from outside:

    curl -4 -sS https://matrix.example.org/_matrix/federation/v1/version
    curl -6 -sS https://matrix.example.org/_matrix/federation/v1/version)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
