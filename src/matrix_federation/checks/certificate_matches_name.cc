#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// The name is the delegated or the server name, never the SRV target; only subjectAltName counts.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kTlsCertNameMismatch),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kName); }

}  // namespace

const Check certificate_matches_name{
    .name = "certificate_matches_name",
    .severity = Severity::kError,
    .summary = "The certificate covers the name or address that the resolution step prescribes.",
    .citation = "server-server API, Resolving server names; RFC 9525",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
