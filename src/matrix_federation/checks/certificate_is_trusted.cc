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
    .why = R"(Homeservers trust the CAs of their operating system and do not fetch missing
intermediate certificates, as browsers do. So a web site may look fine in a browser while no
homeserver connects.)",
    .fix = R"(Present a certificate from a public CA with its full chain, `fullchain.pem`
instead of `cert.pem`, and reload the proxy.

nginx:

    ssl_certificate     /etc/letsencrypt/live/matrix.example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/matrix.example.org/privkey.pem;

Then:

    nginx -t && nginx -s reload

In a closed federation with a CA of its own, set `tls.ca_file`.)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
