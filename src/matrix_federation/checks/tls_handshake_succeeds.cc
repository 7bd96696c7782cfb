#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// Federation is HTTPS only; TLS 1.2 is the least that a large part of the network speaks.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kTlsHandshakeFailed),
    Word(Reason::kTlsProtocolVersion),
    Word(Reason::kTlsClientCertRequired),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kHandshake); }

}  // namespace

const Check tls_handshake_succeeds{
    .name = "tls_handshake_succeeds",
    .severity = Severity::kError,
    .summary = "At least one address completes a TLS handshake.",
    .citation = "server-server API, TLS",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
