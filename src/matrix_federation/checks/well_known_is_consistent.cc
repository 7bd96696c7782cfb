#include <algorithm>
#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// Each homeserver asks the address that it happens to reach: where they differ, some are sent
// elsewhere, or nowhere, than others.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kWellknownInconsistent),
});

bool SameAnswer(const WellKnownAddress& a, const WellKnownAddress& b) {
  return a.failure.has_value() == b.failure.has_value() && a.m_server == b.m_server;
}

std::string Describe(const WellKnownAddress& answer) {
  const std::string address = answer.address.ToString();
  if (!answer.failure) return address + " delegates to " + answer.m_server;
  return address + " does not (" + answer.failure->detail + ")";
}

// Those that say something of the homeserver, and not of this machine.
std::vector<const WellKnownAddress*> Conclusive(const Observation& seen) {
  std::vector<const WellKnownAddress*> answers;
  for (const WellKnownAddress& answer : seen.well_known.answers) {
    const bool is_v4 = answer.address.ip.network_version() == 4;
    if (is_v4 ? seen.network_has_ipv4 : seen.network_has_ipv6) answers.push_back(&answer);
  }
  return answers;
}

Verdict Judge(const Observation& seen) {
  const auto answers = Conclusive(seen);
  const auto delegating =
      std::find_if(answers.begin(), answers.end(), [](const auto* each) { return !each->failure; });
  // Where none delegates, all lead to the same place: step 4.
  if (answers.size() < 2 || delegating == answers.end()) return Verdict::NotApplicable();
  for (const WellKnownAddress* answer : answers) {
    if (SameAnswer(**delegating, *answer)) continue;
    return Verdict::Warn({Warning::kWellknownInconsistent,
                          Describe(**delegating) + ", " + Describe(*answer) +
                              "; serve one file on all addresses, or take the wrong "
                              "one out of the DNS"});
  }
  return Verdict::Pass();
}

}  // namespace

const Check well_known_is_consistent{
    .name = "well_known_is_consistent",
    .severity = Severity::kWarning,
    .summary = "All addresses of the .well-known host give the same answer.",
    .citation = "operational; server-server API, Resolving server names step 3",
    .why = R"(Each server asks one address and remembers what it says, for 24 hours if no
header says otherwise, or its failure for an hour. So some servers find the homeserver and
others do not, and it changes from day to day.)",
    .fix = R"(Bring the same file to every machine behind the name, or remove the address of
one that is no longer in use from the DNS.

    file=https://example.org/.well-known/matrix/server
    curl -sS --resolve 'example.org:443:192.0.2.80' $file
    curl -sS --resolve 'example.org:443:[2001:db8::80]' $file)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
