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
    .why = R"(Other servers do not get through. Messages wait there, joins and invites fail.
Synapse tries again after ten minutes and then less and less often, up to once a week; so it
may take a while after the repair until everything flows again.)",
    .fix = R"(Start the reverse proxy, make it listen on the right port for IPv4 and IPv6, and
open the firewall.

nginx:

    listen 8448 ssl;
    listen [::]:8448 ssl;

Caddy:

    example.org:8448 {
        reverse_proxy /_matrix/* 127.0.0.1:8008
    }

What listens, on the machine itself:

    ss -ltnp 'sport = :8448'

To do without port 8448, delegate to port 443 by `.well-known`:

    {"m.server": "matrix.example.org:443"})",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
