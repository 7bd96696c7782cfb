#include "checks/all_checks.h"
#include "checks/stages.h"
#include "text.h"

namespace matrix_federation {
namespace {

// Another program answering in its place is most often a wrong route of the proxy.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kExpectationSoftware),
});

Verdict Judge(const Observation& seen) {
  if (seen.expected.software.empty()) return Verdict::NotApplicable();
  const ServerVersion* version = ReportedVersion(seen);
  if (version == nullptr || !version->name) return Verdict::NotObserved();
  if (ToLower(*version->name) == ToLower(seen.expected.software)) return Verdict::Pass();
  return Verdict::Fail(
      {Reason::kExpectationSoftware, "the homeserver calls itself '" + *version->name + "', not '" +
                                         seen.expected.software + "' as configured"});
}

}  // namespace

const Check software_is_expected{
    .name = "software_is_expected",
    .severity = Severity::kError,
    .summary = "The homeserver is of the configured implementation (expect.software).",
    .citation = "configuration: expect",
    .why = R"(If nobody changed the software, requests for this name reach another homeserver:
a test machine, a default backend, or one that is not yours.)",
    .fix = R"(See who answers and correct the proxy, or `expect.software` if the change was
meant.

    curl -sS https://matrix.example.org/_matrix/federation/v1/version
    curl -sS https://matrix.example.org/_matrix/key/v2/server | jq -r .server_name)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
