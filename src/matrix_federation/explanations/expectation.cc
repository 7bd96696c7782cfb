#include "explanations/families.h"

namespace matrix_federation {
namespace {

// What the operator has configured under `expect` and did not find.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kExpectationDelegation,
     {.meaning = R"(Discovery leads to another host or port than `expect.delegation` says.)",
      .why = R"(Other servers now go elsewhere. Often the `.well-known` file vanished when the
web site was moved, and nobody notices while port 8448 or an SRV record still answers; servers
forget the old delegation within 48 hours.)",
      .fix = R"(Put the `.well-known` file or the SRV record back, or correct
`expect.delegation` if the change was meant.

nginx, in the `server` block of example.org:

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    }

See what is served:

    curl -i https://example.org/.well-known/matrix/server
    dig +short _matrix-fed._tcp.example.org SRV)"}},
    {Reason::kExpectationSoftware,
     {.meaning = R"(The homeserver calls itself by another name than `expect.software` says.)",
      .why = R"(If nobody changed the software, requests for this name reach another
homeserver: a test machine, a default backend, or one that is not yours.)",
      .fix = R"(See who answers and correct the proxy, or `expect.software` if the change was
meant.

    curl -sS https://matrix.example.org/_matrix/federation/v1/version
    curl -sS https://matrix.example.org/_matrix/key/v2/server | jq -r .server_name)"}},
    {Reason::kExpectationVersion,
     {.meaning = R"(The homeserver runs an older version than `expect.min_version` says, or one
that cannot be compared.)",
      .why = R"(Old versions lack security fixes and newer room versions: users cannot join
rooms that other servers create with those.)",
      .fix = R"(Update the homeserver, and restart it so that the new version runs.

Synapse from Debian packages:

    apt update && apt install matrix-synapse-py3
    systemctl restart matrix-synapse

Check what runs:

    curl -sS https://matrix.example.org/_matrix/federation/v1/version

If it was set back on purpose, lower `expect.min_version`.)"}},
    {Reason::kExpectationIpVersion,
     {.meaning = R"(IPv4 or IPv6 is required by `expect.ip_versions`, but the homeserver has no
working address of that version.)",
      .why = R"(Servers that have only this version cannot reach the homeserver.)",
      .fix = R"(Publish an address of that version, listen on it, and open the firewall for it.

    matrix.example.org.  3600  IN  A     192.0.2.10
    matrix.example.org.  3600  IN  AAAA  2001:db8::10

nginx:

    listen 443 ssl;
    listen [::]:443 ssl;

Check both from outside:

    curl -4 -sS https://matrix.example.org/_matrix/federation/v1/version
    curl -6 -sS https://matrix.example.org/_matrix/federation/v1/version)"}},
});

}  // namespace

ExplainedReasons ExpectationReasons() { return kReasons; }

}  // namespace matrix_federation
