#include "explanations/families.h"

namespace matrix_federation {
namespace {

// From the address to the first byte of an HTTP response, TLS apart.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kAddressDenied,
     {.meaning = R"(The address is in a range that this exporter must not contact
(`network.deny`). By default these are the private and other non-public ranges. Nothing was
sent.)",
      .why = R"(If the homeserver is a public one, its DNS leads to an address that nobody
outside can reach. If it belongs to your own network, only this exporter holds back.)",
      .fix = R"(For a public homeserver, put its public address into the DNS. For one in your
own network, permit the range in the exporter's configuration.

    network:
      deny: []

An A or AAAA record with a private address beside a public one does harm too: remove it from
the public DNS, and serve it to your own network only.)"}},
    {Reason::kConnectRefused,
     {.meaning = R"(The machine answered that nothing accepts connections on this port, or a
firewall rejects them.)",
      .why = R"(Other servers cannot connect to this address. They try the further addresses,
if there are any; when the last one refuses, messages wait and joins fail. Synapse tries again
after ten minutes and then less and less often, up to once a week.)",
      .fix = R"(Start the reverse proxy or homeserver, and make it listen on this address and
port, for IPv4 and IPv6.

What listens, on the machine itself:

    ss -ltnp 'sport = :8448'

nginx:

    listen 8448 ssl;
    listen [::]:8448 ssl;

Caddy:

    example.org:8448 {
        reverse_proxy /_matrix/* 127.0.0.1:8008
    }

A listener on 127.0.0.1 or ::1 is not reachable from outside, and a container has to publish
the port. To do without port 8448, delegate to port 443 by `.well-known`:

    {"m.server": "matrix.example.org:443"})"}},
    {Reason::kConnectReset,
     {.meaning = R"(The TCP connection was reset while it was being set up.)",
      .why = R"(Other servers do not get through at this address. They try the further
addresses, if there are any.)",
      .fix = R"(Look at what stands before the homeserver: a firewall or load balancer resets
connections when it knows no backend that works, or when it takes the caller for an attacker.

Try it from outside your network, and see whether the packets reach the machine:

    curl -v https://matrix.example.org:8448/_matrix/key/v2/server
    tcpdump -ni any 'tcp port 8448')"}},
    {Reason::kConnectTimeout,
     {.meaning = R"(Nothing came back from this address and port: the machine is down, or a
firewall drops the packets.)",
      .why = R"(Other servers wait in vain. They try the further addresses, if there are any;
when none is left, messages wait and joins fail. Synapse tries again after ten minutes and then
less and less often, up to once a week.)",
      .fix = R"(Open the port in every firewall before the machine, its own and your
provider's, for IPv4 and IPv6.

With ufw:

    ufw allow 8448/tcp

With nftables, in the input chain of /etc/nftables.conf:

    tcp dport { 443, 8448 } accept

Cloudflare's proxy does not pass port 8448: set the record to "DNS only", or delegate to port
443 by `.well-known`:

    {"m.server": "matrix.example.org:443"})"}},
    {Reason::kConnectUnreachable,
     {.meaning = R"(There is no route to this address, or a router on the way says that host or
network cannot be reached.)",
      .why = R"(Other servers get no connection to it either, unless only the exporter's own
network lacks the route. They try the further addresses, if there are any.)",
      .fix = R"(Check the address in the DNS, and that the machine really has it. An AAAA
record of a machine without IPv6 is the usual case: remove the record, or give the machine the
address.

On the machine of the homeserver:

    ip -6 address show scope global
    ip -6 route show default

On the machine of the exporter:

    ip route get 192.0.2.10
    ip -6 route get 2001:db8::10)"}},
    {Reason::kHttpNoResponse,
     {.meaning = R"(TLS worked, but then the connection was closed, or what came was no HTTP
response.)",
      .why = R"(Other servers get no signing keys here, so they cannot check anything that your
users send. They refuse it.)",
      .fix = R"(Look into the error log of the reverse proxy at the time of the probe, and make
sure that it speaks plain HTTP with the homeserver.

    curl -v https://matrix.example.org/_matrix/key/v2/server

nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }

A `return 444;`, a filter against bots, or a `stream` that leads to the wrong backend closes
the connection in this way.)"}},
    {Reason::kHttpTimeout,
     {.meaning = R"(TLS worked, but the answer was not complete when the time of the probe was
over (`probe.timeout`).)",
      .why = R"(Synapse waits ten seconds for signing keys. Servers that do not have yours yet
cannot check what your users send, and refuse it.)",
      .fix = R"(Find out why the homeserver is slow: its load, its database, a worker that
hangs.

    for url in http://127.0.0.1:8008 https://matrix.example.org; do
        curl -sS -o /dev/null -w '%{http_code} %{time_total}\n' $url/_matrix/key/v2/server
    done

If only the second one is slow, it is the proxy, or the network before it. The key endpoint
needs hardly any work, so a slow one means that everything is slow.)"}},
    {Reason::kHttpTooLarge,
     {.meaning = R"(The answer is larger than the exporter reads: 256 KiB for signing keys, 16
KiB for the version, 64 KiB for headers.)",
      .why = R"(Such an answer is neither keys nor a version: something else answers in the
homeserver's place. Other servers find no keys in it.)",
      .fix = R"(See what answers, and lead `/_matrix` to the homeserver.

    curl -sS https://matrix.example.org/_matrix/key/v2/server | head -c 300

nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
    })"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kAddressUnreachable,
     {.meaning = R"(One address of the homeserver fails, while another one works.)",
      .why = R"(A server that happens to begin with this address waits until the connection
fails, and then takes the next. If the address accepts the connection and fails after that, by
its certificate or its keys, Synapse does not take the next: that request fails. Conduit and
its descendants look at the first SRV record only.)",
      .fix = R"(Repair this address, or take its A or AAAA record out of the DNS.

Try it by itself:

    host=matrix.example.org
    curl -v --resolve "$host:443:192.0.2.10" https://$host/_matrix/key/v2/server

The detail says what is wrong, in the words of a reason.)"}},
    {Warning::kIpVersionUnreachable,
     {.meaning = R"(Every IPv4 address fails, or every IPv6 address, while the other version
works.)",
      .why = R"(Servers that have only the failing version cannot reach the homeserver at all.
All others lose time whenever they begin with it.)",
      .fix = R"(Make the proxy listen for this version and open the firewall for it, or remove
its records: AAAA for IPv6, A for IPv4.

nginx listens for IPv6 only where it is told to:

    listen 443 ssl;
    listen [::]:443 ssl;
    listen 8448 ssl;
    listen [::]:8448 ssl;

Check both from outside:

    curl -4 -sS https://matrix.example.org/_matrix/federation/v1/version
    curl -6 -sS https://matrix.example.org/_matrix/federation/v1/version

If the firewall is ufw, `IPV6=yes` has to stand in /etc/default/ufw.)"}},
});

}  // namespace

ExplainedReasons ConnectionReasons() { return kReasons; }
ExplainedWarnings ConnectionWarnings() { return kWarnings; }

}  // namespace matrix_federation
