#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// Other homeservers use their system's CAs and do not fetch missing intermediates.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kTlsCertSelfSigned),
    Word(Reason::kTlsCertIncompleteChain),
    Word(Reason::kTlsCertUntrusted),
    Word(Reason::kTlsCertWeak),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kTrust); }

}  // namespace

const Check certificate_is_trusted{
    .name = "certificate_is_trusted",
    .severity = Severity::kError,
    .summary = "The certificate chains up to a trusted CA with what was sent.",
    .citation = "server-server API, TLS; RFC 5280 section 6",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
