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
    .why = R"(Federation is HTTPS only, and nobody falls back to plain HTTP. Dendrite, Conduit
and its descendants speak nothing older than TLS 1.2, and no homeserver shows a client
certificate.)",
    .fix = R"(Make the port speak TLS 1.2 and 1.3, with a certificate for the name that other
servers ask for and without asking for theirs.

nginx:

    listen 8448 ssl;
    listen [::]:8448 ssl;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_verify_client off;

See what it says:

    openssl s_client -connect matrix.example.org:8448 </dev/null)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
