#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// Each homeserver asks the address that it happens to reach: where they differ, some are sent
// elsewhere, or nowhere, than others.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kWellknownInconsistent),
});

bool IsSilence(Reason reason) {
  return reason == Reason::kWellknownConnectFailed || reason == Reason::kWellknownTimeout ||
         reason == Reason::kWellknownNoResponse;
}

// Two kinds of silence are the same answer: none.
bool SameAnswer(const WellKnownAddress& a, const WellKnownAddress& b) {
  if (!a.failure || !b.failure) return !a.failure && !b.failure && a.m_server == b.m_server;
  return a.failure->reason == b.failure->reason ||
         (IsSilence(a.failure->reason) && IsSilence(b.failure->reason));
}

std::string Describe(const WellKnownAddress& answer) {
  const std::string address = answer.address.ToString();
  if (!answer.failure) return address + " delegates to " + answer.m_server;
  return address + " does not (" + answer.failure->detail + ")";
}

Verdict Judge(const Observation& seen) {
  const WellKnownAddress* first = nullptr;
  int answers = 0;
  for (const WellKnownAddress& answer : seen.well_known.answers) {
    const bool is_v4 = answer.address.ip.version() == 4;
    if (!(is_v4 ? seen.network_has_ipv4 : seen.network_has_ipv6)) continue;
    ++answers;
    if (first == nullptr) {
      first = &answer;
    } else if (!SameAnswer(*first, answer)) {
      const bool first_delegates = !first->failure;
      return Verdict::Warn(
          {Warning::kWellknownInconsistent, Describe(first_delegates ? *first : answer) + ", " +
                                                Describe(first_delegates ? answer : *first)});
    }
  }
  return answers < 2 ? Verdict::NotApplicable() : Verdict::Pass();
}

}  // namespace

const Check well_known_is_consistent{
    .name = "well_known_is_consistent",
    .severity = Severity::kWarning,
    .summary = "All addresses of the .well-known host give the same answer.",
    .citation = "operational; server-server API, Resolving server names step 3",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
