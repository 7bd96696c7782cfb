#include "checks/all_checks.h"
#include "checks/leaves.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// A homeserver that happens to try a dead address first waits, or gives up.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kAddressUnreachable),
});

// A bad certificate is told together with the address that serves a good one.
std::string Describe(const EndpointObservation& endpoint, const Failure& failure,
                     const ServedLeaf* best, SystemTime now) {
  const bool is_of_certificate = endpoint.tls && endpoint.tls->failure() == &failure;
  if (!is_of_certificate || best == nullptr) return AtAddress(endpoint, failure).detail;
  return Contrast({&*endpoint.tls, {endpoint.address}}, *best, now);
}

Verdict Judge(const Observation& seen) {
  // When none works, the error checks say why; this one is about the difference.
  if (!SomeEndpointWorks(seen)) return Verdict::NotObserved();
  const std::vector<ServedLeaf> leaves = LeavesOf(seen.endpoints);
  const ServedLeaf* best = BestOf(leaves);
  Verdict verdict = Verdict::Pass();
  for (const EndpointObservation& endpoint : seen.endpoints) {
    const Failure* failure = FirstFailure(endpoint);
    if (failure == nullptr || !IsConclusive(seen, endpoint)) continue;
    Finding finding{Warning::kAddressUnreachable,
                    Describe(endpoint, *failure, best, seen.started_at)};
    if (verdict.status == Status::kPass) {
      verdict = Verdict::Warn(std::move(finding));
    } else {
      verdict.findings.push_back(std::move(finding));
    }
  }
  return verdict;
}

}  // namespace

const Check every_address_works{
    .name = "every_address_works",
    .severity = Severity::kWarning,
    .summary = "All addresses work, not only one.",
    .citation = "operational; server-server API, Resolving server names",
    .why = R"(A server that happens to begin with a dead address waits before it takes the
next. If the address accepts the connection and fails after that, Synapse does not take the
next, and the request fails. So some messages are late, and some are lost for a while.)",
    .fix = R"(Repair the address that fails, or take its A or AAAA record out of the DNS.

    host=matrix.example.org
    curl -v --resolve "$host:443:192.0.2.10" https://$host/_matrix/key/v2/server)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
