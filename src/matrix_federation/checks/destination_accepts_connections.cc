#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// A homeserver tries the addresses until one connects.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kConnectRefused),
    Word(Reason::kConnectReset),
    Word(Reason::kConnectTimeout),
    Word(Reason::kConnectUnreachable),
    Word(Reason::kAddressDenied),
    Word(Reason::kProbeTimeout),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kConnect); }

}  // namespace

const Check destination_accepts_connections{
    .name = "destination_accepts_connections",
    .severity = Severity::kError,
    .summary = "At least one address accepts a TCP connection.",
    .citation = "server-server API, Resolving server names",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
