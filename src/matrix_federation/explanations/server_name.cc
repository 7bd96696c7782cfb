#include "explanations/families.h"

namespace matrix_federation {
namespace {

constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kServerNameEmpty,
     {.meaning = R"(The server name to check is empty.)",
      .why = R"(The server name is what stands after the colon of every user ID. Other servers
know a homeserver by this name alone; without one there is nothing to look up.)",
      .fix = R"(Give the name that stands after the colon of your users' IDs. For
`@alice:example.org` it is `example.org`.

    homeservers:
      - example.org)"}},
    {Reason::kServerNameTooLong,
     {.meaning = R"(The name is longer than 255 characters, its port included.)",
      .why = R"(The Matrix specification allows a host name of 255 characters at most, and the
DNS even fewer. No other server can look this name up, so none can reach it.)",
      .fix = R"(Check the name for a paste error: it is what stands after the colon of a user
ID, as in `@alice:example.org`.

A homeserver cannot change its server name. One that was really set up with a name of this
length has to be set up anew under a shorter one.)"}},
    {Reason::kServerNameInvalidHostname,
     {.meaning = R"(The host of the name is not made of letters, digits and hyphens in labels
separated by single dots. A label has 63 characters at most.)",
      .why = R"(The specification forbids such names, and homeservers refuse them before they
ask the DNS: whatever runs behind the name is never contacted. Some tolerate a stray dot;
Synapse does not.)",
      .fix = R"(Write the bare name as it stands after the colon of a user ID: no scheme, no
path, no user, no dot at the end.

    https://example.org/     wrong: a web address
    @alice:example.org       wrong: a user ID
    example.org.             wrong: a dot at the end
    my_server.example.org    wrong: an underscore
    2001:db8::10             wrong: an IPv6 address stands in brackets, [2001:db8::10]
    bücher.example           wrong: write xn--bcher-kva.example
    example.org              right
    example.org:8448         right, if user IDs have the port as well)"}},
    {Reason::kServerNameInvalidIpLiteral,
     {.meaning = R"(The name begins with a bracket, but between the brackets stands no IPv6
address, or something other than a port follows them.)",
      .why = R"(Brackets announce an IPv6 address. Homeservers cannot read this name, so they
connect to nothing.)",
      .fix = R"(Put an IPv6 address without a zone between the brackets, and a port, if any,
after them. An IPv4 address stands without brackets.

    [fe80::1%eth0]         wrong: a zone
    [192.0.2.10]           wrong: an IPv4 address
    [2001:db8::10          wrong: no closing bracket
    [2001:db8::10]         right
    [2001:db8::10]:8448    right
    192.0.2.10:8448        right)"}},
    {Reason::kServerNameInvalidPort,
     {.meaning = R"(What stands after the last colon is no port: a number from 1 to 65535 in at
most five digits.)",
      .why = R"(Other servers cannot read the name, so they connect to nothing. A port in a
server name is binding: servers connect to exactly that port and look at neither `.well-known`
nor SRV records.)",
      .fix = R"(Write the port in digits, or leave it out together with the colon.

    example.org:          wrong
    example.org:https     wrong
    example.org:123456    wrong
    example.org           right
    example.org:8448      right, if user IDs have the port as well: @alice:example.org:8448)"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kServerNameUppercase,
     {.meaning = R"(The server name has capital letters.)",
      .why = R"(Server names are compared letter by letter: `Example.org` and `example.org` are
two homeservers. Whoever writes the name in lower case means another one, and keys that are
published under the one name do not count for the other.)",
      .fix = R"(Compare the name with `server_name` in the homeserver's configuration, and
correct the name here if it is in lower case there.

If the homeserver was really set up with capitals, leave everything as it is: a server name
cannot be changed. Make sure that people write it exactly so.)"}},
    {Warning::kServerNameOver230,
     {.meaning = R"(The server name is longer than 230 characters.)",
      .why = R"(User IDs and room aliases contain the server name and have a limit of 255
characters themselves. With such a name little room is left, so the specification advises 230
at most.)",
      .fix = R"(Choose a shorter name while the homeserver is new. Later it cannot be changed,
and short user names have to do.)"}},
});

}  // namespace

ExplainedReasons ServerNameReasons() { return kReasons; }
ExplainedWarnings ServerNameWarnings() { return kWarnings; }

}  // namespace matrix_federation
