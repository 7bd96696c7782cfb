#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// Only "not found" (NXDOMAIN or NODATA) leads on to the next step; a failing query is a failure, as
// in Synapse.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kSrvLookupServfail),
    Word(Reason::kSrvLookupRefused),
    Word(Reason::kSrvLookupTimeout),
    Word(Reason::kSrvLookupMalformed),
});

Verdict Judge(const Observation& seen) {
  if (!seen.name) return Verdict::NotObserved();
  if (seen.services.empty()) {
    return seen.destination ? Verdict::NotApplicable() : Verdict::NotObserved();
  }
  const DnsStatus last = seen.services.back().status;
  const bool clean =
      last == DnsStatus::kFound || last == DnsStatus::kNxdomain || last == DnsStatus::kNodata;
  return clean || !seen.discovery ? Verdict::Pass() : Verdict::Fail(*seen.discovery);
}

}  // namespace

const Check srv_lookup_works{
    .name = "srv_lookup_works",
    .severity = Severity::kError,
    .summary = "The SRV queries found a record, or cleanly none.",
    .citation = "server-server API, Resolving server names steps 3.3, 3.4, 4 and 5",
    .why = R"(Only a clean "there is none" lets discovery go on. When the query fails, Synapse
and conduwuit give up; Dendrite and others go on. So part of the network cannot connect.)",
    .fix = R"(Repair the name servers of the domain, or name a port in `m.server`: then nobody
asks for SRV records.

    {"m.server": "matrix.example.org:443"}

Ask a resolver, with DNSSEC and without:

    dig _matrix-fed._tcp.example.org SRV @9.9.9.9
    dig +cd _matrix-fed._tcp.example.org SRV @9.9.9.9

Both should say NOERROR or NXDOMAIN. If they do, and only the exporter's resolver fails, set
another one under `dns.servers`.)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
