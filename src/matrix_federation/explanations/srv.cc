#include "explanations/families.h"

namespace matrix_federation {
namespace {

constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kSrvLookupServfail,
     {.meaning = R"(The SRV query for `_matrix-fed._tcp` or `_matrix._tcp` was answered with
SERVFAIL. The resolver could not find out whether there is such a record.)",
      .why = R"(Only a clean "there is none" lets discovery go on. Synapse and conduwuit fail
here. Dendrite goes to port 8448 at once, Tuwunel, continuwuity and Conduit ask the next name.
So a large part of the network cannot connect.)",
      .fix = R"(Repair the name servers of the domain, or name a port in `m.server`: then
nobody asks for SRV records.

    {"m.server": "matrix.example.org:443"}

Find out whether DNSSEC is at fault:

    dig _matrix-fed._tcp.matrix.example.org SRV @9.9.9.9
    dig +cd _matrix-fed._tcp.matrix.example.org SRV @9.9.9.9

If only the second one answers, sign the zone again or remove the stale DS record at the
registrar. If neither does, ask each of the name servers that `dig +short example.org NS`
lists. Some, of dynamic DNS services above all, answer A queries and fail for every other type.)"}},
    {Reason::kSrvLookupRefused,
     {.meaning = R"(The DNS server that the exporter asks refused the SRV query.)",
      .why = R"(If the name servers of the domain cause it, Synapse and conduwuit cannot
connect: for them only a clean "there is none" lets discovery go on. Mostly it is the
exporter's own resolver, which says nothing of the homeserver.)",
      .fix = R"(Let the exporter ask a resolver that serves it (`dns.servers`), and see whether
another one answers.

    dig _matrix-fed._tcp.matrix.example.org SRV @9.9.9.9

If that one answers NOERROR or NXDOMAIN, the homeserver is not at fault. Otherwise repair the
name servers of the domain, or name a port in `m.server`, so that nobody asks for SRV records:

    {"m.server": "matrix.example.org:443"})"}},
    {Reason::kSrvLookupTimeout,
     {.meaning = R"(The SRV query for `_matrix-fed._tcp` or `_matrix._tcp` was not answered in
time.)",
      .why = R"(Synapse, conduwuit and Tuwunel fail here. Dendrite goes to port 8448,
continuwuity and Conduit ask the next name. All of them wait for the time-out first.)",
      .fix = R"(Make the name servers of the domain answer SRV queries, or name a port in
`m.server`: then nobody asks for SRV records.

    {"m.server": "matrix.example.org:443"}

Ask each name server itself:

    dig +short example.org NS
    dig _matrix-fed._tcp.matrix.example.org SRV @ns1.example.org

If they answer, the exporter's resolver is at fault. Set another one under `dns.servers`.)"}},
    {Reason::kSrvLookupMalformed,
     {.meaning = R"(The answer to the SRV query could not be read as a DNS message.)",
      .why = R"(Either a name server of the domain or something between it and the exporter
spoils answers. In the first case Synapse cannot connect: for it only a clean "there is none"
lets discovery go on.)",
      .fix = R"(Name a port in `m.server`, so that nobody asks for SRV records, and find out
who spoils the answer.

    {"m.server": "matrix.example.org:443"}

Ask the resolver, then a name server of the domain:

    dig _matrix-fed._tcp.matrix.example.org SRV
    dig _matrix-fed._tcp.matrix.example.org SRV @ns1.example.org

Update or replace the one that does it, or look for a router that rewrites DNS.)"}},
    {Reason::kSrvServiceDisabled,
     {.meaning = R"(The only SRV record has the target `.`, which says that this domain does
not offer the service.)",
      .why = R"(Synapse takes it at its word and does not connect, neither to port 8448 nor
elsewhere. Dendrite tries to connect to an empty host name and fails as well.)",
      .fix = R"(Name the homeserver in the SRV record, or delete the record.

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 8448 matrix.example.org.

Without the record, and without `.well-known`, servers take port 8448 of the server name. Check
it:

    dig +short _matrix-fed._tcp.example.org SRV
    dig +short _matrix._tcp.example.org SRV)"}},
    {Reason::kSrvTargetNoAddress,
     {.meaning = R"(There is an SRV record, but none of its targets has an address.)",
      .why = R"(Other servers cannot connect. A record that was found ends discovery: servers
do not go on to port 8448 of the server name.)",
      .fix = R"(Give the target an address, or correct the target. It ends with a dot, or the
zone's own name is added to it.

    _matrix-fed._tcp.example.org.  3600  IN  SRV   10 5 8448 matrix.example.org.
    matrix.example.org.            3600  IN  A     192.0.2.10
    matrix.example.org.            3600  IN  AAAA  2001:db8::10

Check both:

    dig +short _matrix-fed._tcp.example.org SRV
    dig +short matrix.example.org A)"}},
    {Reason::kSrvInvalidPort,
     {.meaning = R"(Every SRV record names port 0.)",
      .why = R"(Nobody can connect to port 0, and a record that was found ends discovery:
servers do not go on to port 8448 of the server name.)",
      .fix = R"(Put the port there on which the homeserver or its proxy listens: priority,
weight, port, target, in this order.

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 8448 matrix.example.org.)"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kDeprecatedSrvUsed,
     {.meaning = R"(The homeserver is found by an SRV record of the old name `_matrix._tcp`.
There is none of the current name `_matrix-fed._tcp`.)",
      .why = R"(The specification has deprecated the old name with version 1.8. Tuwunel has had
releases that do not ask for it, and a proposal (MSC4344) would remove it.)",
      .fix = R"(Publish the same record under `_matrix-fed._tcp`, and keep the old one beside
it for old software.

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 8448 matrix.example.org.
    _matrix._tcp.example.org.      3600  IN  SRV  10 5 8448 matrix.example.org.)"}},
    {Warning::kSrvTargetIsCname,
     {.meaning = R"(The target of an SRV record is an alias (CNAME).)",
      .why = R"(RFC 2782 forbids it. Synapse follows the alias all the same; other software
need not, and the public federation tester reports such a record as an error and leaves the
target out.)",
      .fix = R"(Name the host that the alias stands for, or replace the alias by A and AAAA
records.

    _matrix-fed._tcp.example.org.  3600  IN  SRV   10 5 8448 matrix.example.org.
    matrix.example.org.            3600  IN  A     192.0.2.10
    matrix.example.org.            3600  IN  AAAA  2001:db8::10

No alias is left when this prints nothing:

    dig +short matrix.example.org CNAME)"}},
    {Warning::kSrvTargetIsIp,
     {.meaning = R"(The target of an SRV record is spelled as an IP address.)",
      .why = R"(In the DNS it is the name of a host, and one that does not exist. Software that
looks it up finds nothing; only software that happens to read it as an address connects.)",
      .fix = R"(Name a host in the SRV record and give that host the address.

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 8448 matrix.example.org.
    matrix.example.org.            3600  IN  A    192.0.2.10)"}},
    {Warning::kSrvTargetNoAddress,
     {.meaning = R"(One of several SRV targets has no address.)",
      .why = R"(Synapse and Dendrite try the next target. Conduit and its descendants take the
first record of the answer only, in whatever order the DNS delivers it, and so fail now and
then.)",
      .fix = R"(Give the target an address, or delete its SRV record.

    matrix2.example.org.  3600  IN  A     192.0.2.20
    matrix2.example.org.  3600  IN  AAAA  2001:db8::20

Check every target:

    dig +short _matrix-fed._tcp.example.org SRV)"}},
    {Warning::kSrvNullTarget,
     {.meaning = R"(One of several SRV records has the target `.`, which says that the service
is not offered.)",
      .why = R"(It contradicts the records beside it. Conduit and its descendants take the
first record of the answer only, in whatever order the DNS delivers it; when it is this one,
there is nothing to connect to.)",
      .fix = R"(Delete the record with the target `.` and keep those that name a host.

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 8448 matrix.example.org.)"}},
    {Warning::kSrvInvalidPort,
     {.meaning = R"(One of several SRV records names port 0.)",
      .why = R"(Nobody can connect to port 0. Conduit and its descendants take the first record
of the answer only, in whatever order the DNS delivers it; when it is this one, federation with
them fails.)",
      .fix = R"(Put the port there on which the homeserver or its proxy listens, or delete the
record: priority, weight, port, target, in this order.

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 8448 matrix.example.org.)"}},
    {Warning::kSrvContradictsWellknown,
     {.meaning = R"(The server name has SRV records that lead elsewhere than its `.well-known`
file. They are probably left over from before.)",
      .why = R"(Servers follow the file while they can fetch it. The day the web server is down
they follow the records, to a place where the homeserver no longer is. Without the records they
would at least try port 8448 of the server name.)",
      .fix = R"(Delete the old SRV records, or let them lead to the same place as the file.

    dig +short _matrix-fed._tcp.example.org SRV
    dig +short _matrix._tcp.example.org SRV

As a second way to the same homeserver (its certificate then has to cover `example.org` as
well):

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 443 matrix.example.org.)"}},
});

}  // namespace

ExplainedReasons SrvReasons() { return kReasons; }
ExplainedWarnings SrvWarnings() { return kWarnings; }

}  // namespace matrix_federation
