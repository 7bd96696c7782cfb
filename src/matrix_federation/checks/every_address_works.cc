#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// A homeserver that happens to try a dead address first waits, or gives up.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kAddressUnreachable),
});

Verdict Judge(const Observation& seen) {
  // When none works, the error checks say why; this one is about the difference.
  if (!SomeEndpointWorks(seen)) return Verdict::NotObserved();
  Verdict verdict = Verdict::Pass();
  for (const EndpointObservation& endpoint : seen.endpoints) {
    const Failure* failure = FirstFailure(endpoint);
    if (failure == nullptr || !IsConclusive(seen, endpoint)) continue;
    Finding finding{Warning::kAddressUnreachable, AtAddress(endpoint, *failure).detail};
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
