#include "explanations/families.h"

namespace matrix_federation {
namespace {

// Of the host to connect to: the server name, or the one that .well-known delegates to.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kDnsNxdomain,
     {.meaning = R"(The host that other servers have to connect to does not exist in the DNS
(NXDOMAIN). It is the server name, or the host that the `.well-known` file delegates to.)",
      .why = R"(Other servers cannot connect. After a valid `.well-known` file they do not fall
back to the server name: the delegated host has to exist.)",
      .fix = R"(Create the missing record, or correct the host in `m.server`.

    matrix.example.org.  3600  IN  A     192.0.2.10
    matrix.example.org.  3600  IN  AAAA  2001:db8::10

Raise the serial number of the zone, then load and check it:

    named-checkzone example.org /etc/bind/db.example.org && rndc reload example.org
    dig +short matrix.example.org A
    dig +short matrix.example.org AAAA

If every name of the domain is gone, see whether its registration has run out.)"}},
    {Reason::kDnsNodata,
     {.meaning = R"(The host that other servers have to connect to exists in the DNS, but has
neither an A nor an AAAA record. If `network.ip_versions` names one version only, only that one
was asked for.)",
      .why = R"(Other servers cannot connect. After a valid `.well-known` file they do not fall
back to the server name: the delegated host needs an address.)",
      .fix = R"(Add an A record and, if the host has IPv6, an AAAA record.

    matrix.example.org.  3600  IN  A     192.0.2.10
    matrix.example.org.  3600  IN  AAAA  2001:db8::10

Check them:

    dig +short matrix.example.org A
    dig +short matrix.example.org AAAA

If the name is a CNAME, the host that it stands for needs the address.)"}},
    {Reason::kDnsServfail,
     {.meaning = R"(The address lookup was answered with SERVFAIL: the resolver got no usable
answer from the name servers of the domain, or one that failed DNSSEC.)",
      .why = R"(Other servers' resolvers meet the same name servers and the same signatures, so
they get no address either and cannot connect. If only the exporter's own resolver fails,
nothing is wrong with the homeserver.)",
      .fix = R"(Find out whether DNSSEC is at fault, then repair the zone or its name servers.

    dig matrix.example.org A @9.9.9.9
    dig +cd matrix.example.org A @9.9.9.9

If only the second one answers, it is DNSSEC: sign the zone again, or remove the stale DS
record at the registrar. `delv matrix.example.org A` names the signature. If neither answers,
ask each of the name servers that `dig +short example.org NS` lists.

If both answer, the exporter's resolver is at fault. Set another one under `dns.servers`.)"}},
    {Reason::kDnsRefused,
     {.meaning = R"(The DNS server that the exporter asks refuses to look the host up.)",
      .why = R"(Mostly this is about the exporter and not about the homeserver: its resolver
does not serve this machine. As long as it refuses, nothing is known of the homeserver. Other
servers have resolvers of their own.)",
      .fix = R"(Let the exporter ask a resolver that serves it, under `dns.servers`, or let
this resolver serve this machine.

bind9, in the `options` of the resolver:

    allow-recursion { localhost; localnets; 192.0.2.0/24; };

Check it from the exporter's machine:

    dig matrix.example.org A)"}},
    {Reason::kDnsTimeout,
     {.meaning = R"(No DNS server answered the address lookup in time (`dns.timeout`,
`dns.attempts`).)",
      .why = R"(If the name servers of the domain are silent, other servers get no address
either and cannot connect. If only the exporter's own resolver is silent, nothing is wrong with
the homeserver.)",
      .fix = R"(Ask another resolver, to see which side is silent.

    dig matrix.example.org A @9.9.9.9

If it answers, repair the exporter's resolver or set another one under `dns.servers`. If it
does not, ask each name server of the domain, over UDP and over TCP:

    dig +short example.org NS
    dig matrix.example.org A @ns1.example.org
    dig +tcp matrix.example.org A @ns1.example.org

Their firewall has to let port 53 through for both.)"}},
    {Reason::kDnsMalformed,
     {.meaning = R"(The answer to the address lookup could not be read as a DNS message.)",
      .why = R"(Either a name server of the domain or something between it and the exporter
spoils answers. In the first case other servers cannot read them either and get no address.)",
      .fix = R"(Ask the resolver and then the name servers of the domain, to see which one
spoils the answer.

    dig matrix.example.org A
    dig matrix.example.org A @ns1.example.org

Update or replace the one that does. If it is neither, look for a router or firewall that
rewrites DNS; another resolver under `dns.servers` gets around it.)"}},
});

}  // namespace

ExplainedReasons DnsReasons() { return kReasons; }

}  // namespace matrix_federation
