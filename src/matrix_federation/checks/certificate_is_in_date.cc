#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// A certificate counts from notBefore until notAfter.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kTlsCertExpired),
    Word(Reason::kTlsCertNotYetValid),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kDates); }

}  // namespace

const Check certificate_is_in_date{
    .name = "certificate_is_in_date",
    .severity = Severity::kError,
    .summary = "Every certificate of the chain is within its validity period.",
    .citation = "server-server API, TLS; RFC 5280 section 4.1.2.5",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
