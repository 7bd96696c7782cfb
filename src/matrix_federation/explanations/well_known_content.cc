#include "explanations/families.h"

namespace matrix_federation {
namespace {

// Why what was answered is no delegation.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kWellknownTooLarge,
     {.meaning = R"(What was answered for the `.well-known` file is larger than 50 KiB. The
file itself needs less than 100 bytes, so something else answers: a web page or a download.)",
      .why = R"(Synapse and Dendrite stop reading at 50 KiB, conduwuit and Tuwunel at 12 KiB.
For them there is no file, and they go on at SRV records and port 8448 of the server name.)",
      .fix = R"(Let the web server answer this path itself, before the web site behind it.

See what it is:

    curl -sS https://example.org/.well-known/matrix/server | head -c 300

nginx, in the `server` block of example.org:

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    })"}},
    {Reason::kWellknownInvalidJson,
     {.meaning = R"(The `.well-known` file was answered with status 200, but the body is not
one JSON text. Usually it is a page for browsers, since many web sites answer every unknown
path with their start page.)",
      .why = R"(By the specification servers then go on at SRV records and port 8448 of the
server name. If the homeserver does not answer there, nobody who has to look it up reaches it.
Synapse also drops the copy that it has cached.)",
      .fix = R"(Let the web server answer the path with the JSON alone: no page, nothing before
or after it, no byte order mark.

nginx, in the `server` block of example.org (`=` wins over `try_files … /index.html`):

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    }

Caddy, in the site block of example.org:

    header /.well-known/matrix/server Content-Type application/json
    respond /.well-known/matrix/server `{"m.server": "matrix.example.org:443"}`

Check it; jq names the place of a mistake:

    curl -sS https://example.org/.well-known/matrix/server | jq .

If you do not delegate, answer 404.)"}},
    {Reason::kWellknownNotObject,
     {.meaning = R"(The `.well-known` file is JSON, but a string, a number or a list instead of
an object.)",
      .why = R"(There is nothing in it to delegate to. By the specification servers go on at
SRV records and port 8448 of the server name, and Synapse drops the copy that it has cached.)",
      .fix = R"(Put an object with the member `m.server` there.

    {"m.server": "matrix.example.org:443"}

Check what is served:

    curl -sS https://example.org/.well-known/matrix/server | jq .)"}},
    {Reason::kWellknownMissingMServer,
     {.meaning = R"(The `.well-known` file is a JSON object without the member `m.server`.)",
      .why = R"(There is nothing in it to delegate to. By the specification servers go on at
SRV records and port 8448 of the server name, and Synapse drops the copy that it has cached.)",
      .fix = R"(Add the member `m.server`, in lower case and with the dot, to the file for
servers.

    {"m.server": "matrix.example.org:443"}

A member `m.homeserver` belongs into the file for clients, `/.well-known/matrix/client`. The
two files do not replace each other; often one `location` answers both paths by mistake.)"}},
    {Reason::kWellknownInvalidMServer,
     {.meaning = R"(The member `m.server` is no server name: a host with an optional port, as a
string.)",
      .why = R"(Servers differ here. The specification, conduwuit and Tuwunel go on at SRV
records and port 8448 of the server name. Dendrite reports an error and gives up. Synapse uses
the value as it is: of `https://matrix.example.org` it makes a host named `https`, and fails.)",
      .fix = R"(Write host and port only, without scheme and path.

    {"m.server": "https://matrix.example.org"}    wrong: a web address
    {"m.server": "matrix.example.org/"}           wrong: a slash
    {"m.server": "matrix.example.org:https"}      wrong: no port number
    {"m.server": ["matrix.example.org:443"]}      wrong: a list
    {"m.server": "matrix.example.org:443"}        right

Without a port servers look for SRV records of that host and then take port 8448, not 443.)"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kWellknownIgnored,
     {.meaning = R"(Something is served at `/.well-known/matrix/server`, but it is of no use,
so discovery went on as if there were none.)",
      .why = R"(The specification says to go on at SRV records and port 8448 of the server
name, and there the homeserver answered. Not everybody goes on: with a malformed `m.server`
Synapse and Dendrite fail. Servers with the old file in their cache still go where that one
led.)",
      .fix = R"(Serve a valid file, or answer the path with 404 if you do not want to delegate.

    {"m.server": "matrix.example.org:443"}

The check `well_known_is_usable` says what is wrong with the file.)"}},
    {Warning::kWellknownInconsistent,
     {.meaning = R"(The addresses of the `.well-known` host do not give the same answer, or
only some of them answer.)",
      .why = R"(Each server asks one address and remembers what it says, for 24 hours if no
header says otherwise, or its failure for an hour. So some servers find the homeserver and
others do not, and it changes from day to day.)",
      .fix = R"(Bring the same file to every machine behind the name, or remove the address of
one that is no longer in use from the DNS.

Ask each address by itself:

    file=https://example.org/.well-known/matrix/server
    curl -sS --resolve 'example.org:443:192.0.2.80' $file
    curl -sS --resolve 'example.org:443:[2001:db8::80]' $file)"}},
    {Warning::kWellknownRedirectToHttp,
     {.meaning = R"(A redirect of the `.well-known` file leads to an http address, without TLS.)",
      .why = R"(Servers follow it, and whoever is in between can put a host of their own into
the answer: other servers would then deliver your messages there.)",
      .fix = R"(Redirect to https, or better serve the file at the first address.

nginx:

    location = /.well-known/matrix/server {
        return 302 https://www.example.org/.well-known/matrix/server;
    }

See every step:

    curl -sSIL https://example.org/.well-known/matrix/server)"}},
});

}  // namespace

ExplainedReasons WellKnownContentReasons() { return kReasons; }
ExplainedWarnings WellKnownWarnings() { return kWarnings; }

}  // namespace matrix_federation
