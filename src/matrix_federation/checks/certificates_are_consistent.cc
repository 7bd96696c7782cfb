#include "checks/all_checks.h"
#include "checks/leaves.h"

namespace matrix_federation {
namespace {

// Different leaves are most often a renewal that did not reach every machine.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kCertificatesInconsistent),
});

Verdict Judge(const Observation& seen) {
  const std::vector<ServedLeaf> leaves = LeavesOf(seen.endpoints);
  if (leaves.empty()) return Verdict::NotObserved();
  if (leaves.size() > 1) {
    return Verdict::Warn(
        {Warning::kCertificatesInconsistent, DescribeDifference(leaves, seen.started_at)});
  }
  return leaves.front().addresses.size() == 1 ? Verdict::NotApplicable() : Verdict::Pass();
}

}  // namespace

const Check certificates_are_consistent{
    .name = "certificates_are_consistent",
    .severity = Severity::kWarning,
    .summary = "All addresses present the same leaf certificate.",
    .citation = "operational",
    .why = R"(Usually a renewed certificate has not reached every machine. The day the old one
expires, those servers fail that connect to this machine, and others do not.)",
    .fix = R"(Bring the renewed certificate to every machine and reload each proxy. If the
machines renew on their own, all is well.

    for address in '192.0.2.10:443' '[2001:db8::10]:443'; do
        openssl s_client -connect "$address" -servername matrix.example.org </dev/null \
            2>/dev/null | openssl x509 -noout -serial -enddate
    done)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
