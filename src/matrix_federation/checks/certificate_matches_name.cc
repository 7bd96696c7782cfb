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
    .why = R"(Every homeserver ends the connection when the certificate does not cover the name
that discovery prescribes: the delegated host after a `.well-known` file, the server name in
every other case, also after an SRV record.)",
    .fix = R"(Issue a certificate that covers both names, and make the proxy present it for
them.

    certbot certonly --nginx -d example.org -d matrix.example.org

nginx, in the `server` block for this port:

    server_name example.org matrix.example.org;
    ssl_certificate     /etc/letsencrypt/live/example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/example.org/privkey.pem;

Then:

    nginx -t && nginx -s reload)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
