#include "explanations/families.h"

namespace matrix_federation {
namespace {

// Of the probe as a whole.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kProbeTimeout,
     {.meaning = R"(The time of the probe (`probe.timeout`) was over before an address could be
tried, or so nearly that its silence in what was left says nothing of it.)",
      .why = R"(Discovery alone took that long: slow name servers, or a `.well-known` host that
does not answer. Other servers wait for the same things, each with limits of its own.)",
      .fix = R"(Find the slow step and repair that; a longer `probe.timeout` only helps to see
further.

    matrix-federation-exporter check example.org
    dig _matrix-fed._tcp.example.org SRV
    dig example.org A
    curl -sS -o /dev/null -w '%{time_namelookup} %{time_connect} %{time_total}\n' \
        https://example.org/.well-known/matrix/server

If all of these are fast, the exporter itself is overloaded or cut off from the network.)"}},
    {Reason::kInternalError,
     {.meaning = R"(The exporter could not finish the probe: it had no descriptor or no memory
left, as the detail says then, or it made a mistake of its own. This says nothing about the
homeserver.)",
      .why = R"(The probe gave no result, so a failure of the homeserver would go unnoticed
meanwhile.)",
      .fix = R"(Raise the exporter's limit of open files if the detail tells of descriptors;
otherwise report a defect to the authors.

The limit is `LimitNOFILE` of the systemd unit, `ulimit -n` elsewhere. A lower
`probe.max_in_flight` needs fewer. How near the limit is, `process_open_fds` and
`process_max_fds` of the exporter's metrics tell.

    systemctl edit matrix-federation-exporter

A report needs the detail, the server name and the version.

    matrix-federation-exporter --version
    matrix-federation-exporter check --format=json example.org)"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kClockSkew,
     {.meaning = R"(The Date header of the homeserver's answer is more than a minute away from
the exporter's clock.)",
      .why = R"(One of the two clocks is wrong. If it is the homeserver's, its messages carry
wrong times, and its keys are valid for too short or too long: far enough off, other servers
refuse them as expired.)",
      .fix = R"(Let both machines follow a time server.

    timedatectl
    timedatectl set-ntp true

If `timedatectl` says that the clock is synchronized on both, an old answer comes out of a
cache: let nothing cache `/_matrix`.)"}},
    {Warning::kProxyDecodesPaths,
     {.meaning = R"(A `%2F` in a path does not reach the homeserver as it was sent: the reverse
proxy decodes it, tidies paths up, or refuses them.)",
      .why = R"(Servers sign the path of each request. If the proxy changes it, the signature
does not fit and the homeserver answers 401: joins, invites and single events fail, while the
version and the keys look fine.)",
      .fix = R"(Make the proxy pass paths on unchanged.

nginx: nothing after the port, not even a slash, and no `rewrite`:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
    }

Apache:

    AllowEncodedSlashes NoDecode
    ProxyPass /_matrix http://127.0.0.1:8008/_matrix nocanon

Caddy passes them on as they are:

    reverse_proxy /_matrix/* 127.0.0.1:8008

A filter such as mod_security may do the same: exempt `/_matrix` from it.)"}},
});

}  // namespace

ExplainedReasons ProbeReasons() { return kReasons; }
ExplainedWarnings ProbeWarnings() { return kWarnings; }

}  // namespace matrix_federation
