#include "explanations/families.h"

namespace matrix_federation {
namespace {

// Why no answer came, or none with status 200.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kWellknownDnsError,
     {.meaning = R"(The host of the server name has no address, so
`https://example.org/.well-known/matrix/server` cannot be fetched. After a redirect it is the
host that the redirect names.)",
      .why = R"(Discovery goes on without the file: other servers try SRV records of the server
name, then port 8448 of the server name itself. If the homeserver is only to be found through
the file, new servers do not find it; Synapse goes on with a copy that it has cached, for 48
hours at most.)",
      .fix = R"(Publish an address for the server name itself, for IPv4 and, if the host has
it, IPv6.

    example.org.  3600  IN  A     192.0.2.80
    example.org.  3600  IN  AAAA  2001:db8::80

Then ask the DNS:

    dig +short example.org A
    dig +short example.org AAAA

If the domain lives on SRV records alone and is meant to have no web server, nothing is wrong.)"}},
    {Reason::kWellknownConnectFailed,
     {.meaning = R"(No address of the `.well-known` host accepts a TCP connection on port 443.
Or all of them are in a range that `network.deny` forbids this exporter to contact; the detail
says so.)",
      .why = R"(Discovery goes on without the file, at SRV records and port 8448 of the server
name. If the homeserver is only to be found through the file, new servers do not find it;
Synapse goes on with a copy that it has cached, for 48 hours at most.)",
      .fix = R"(Start the web server of the server name and open port 443 for IPv4 and IPv6.

nginx answers over IPv6 only with the second line:

    listen 443 ssl;
    listen [::]:443 ssl;

See what listens, on the machine itself:

    ss -ltn 'sport = :443'

If the domain lives on SRV records alone and is meant to have no web server, nothing is wrong.)"}},
    {Reason::kWellknownTimeout,
     {.meaning = R"(The `.well-known` file did not arrive in time. The exporter allows it half
of `probe.timeout`.)",
      .why = R"(Other servers give up as well: conduwuit, Tuwunel and continuwuity after 10
seconds, Dendrite after 30. Each of them waits first, and then goes on at SRV records and port
8448 of the server name.)",
      .fix = R"(Let the web server answer this path itself, without an application behind it,
and make sure that no firewall drops packets to port 443.

nginx, in the `server` block of example.org:

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    }

Measure it over IPv4 and IPv6:

    file=https://example.org/.well-known/matrix/server
    curl -4 -sS -o /dev/null -w '%{time_total}\n' $file
    curl -6 -sS -o /dev/null -w '%{time_total}\n' $file)"}},
    {Reason::kWellknownTlsError,
     {.meaning = R"(The TLS handshake with the `.well-known` host failed, or its certificate is
not valid for that host. After a redirect it is the host that the redirect names.)",
      .why = R"(Other servers check this certificate as strictly as the one of the homeserver.
With a bad one the file does not count, and they go on at SRV records and port 8448 of the
server name.)",
      .fix = R"(Get a certificate that covers the server name `example.org`, not only
`matrix.example.org`, and reload the web server.

    certbot certonly --nginx -d example.org -d matrix.example.org

nginx, in the `server` block of example.org:

    ssl_certificate     /etc/letsencrypt/live/example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/example.org/privkey.pem;

Then:

    nginx -t && nginx -s reload

The check `well_known_certificate_is_valid` says what is wrong with the certificate.)"}},
    {Reason::kWellknownNoResponse,
     {.meaning = R"(The `.well-known` host took the connection and closed it without a complete
HTTP response.)",
      .why = R"(For other servers the file does not exist. They go on at SRV records and port
8448 of the server name. Synapse goes on with a copy that it has cached, for 48 hours at most.)",
      .fix = R"(Look into the web server's error log for this request, and let the web server
answer it itself.

    curl -v https://example.org/.well-known/matrix/server

nginx closes without a word where its configuration says `return 444;`, and where a filter
against bots or unknown clients does so. Take this path out of it:

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    })"}},
    {Reason::kWellknownHttpStatus,
     {.meaning = R"(The `.well-known` file was answered with another HTTP status than 200,
redirects followed.)",
      .why = R"(Synapse, Dendrite and continuwuity take the file with status 200 only;
conduwuit and Tuwunel take any 2xx, and Conduit does not look. So some servers find the
homeserver and others do not. After a 4xx Synapse drops the copy that it has cached; after a
5xx it keeps it while it lasts. A 404 is fine if you do not delegate: it says that there is no
file.)",
      .fix = R"(Let the web server of the server name answer the path with status 200, before
any rule that forbids, redirects or asks for a password.

nginx, in the `server` block of example.org (the `=` puts it before every other `location`,
also one that denies files which begin with a dot):

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    }

Caddy, in the site block of example.org:

    header /.well-known/matrix/server Content-Type application/json
    respond /.well-known/matrix/server `{"m.server": "matrix.example.org:443"}`

Check it:

    curl -i https://example.org/.well-known/matrix/server

A 403 or 503 with a page for browsers comes from a CDN or firewall that takes servers for bots:
exempt the path there. If you do not delegate, answer 404.)"}},
    {Reason::kWellknownRedirectLoop,
     {.meaning = R"(The redirects of the `.well-known` file lead back to an address that was
already asked.)",
      .why = R"(No homeserver gets at the file. They go on at SRV records and port 8448 of the
server name.)",
      .fix = R"(Answer the path before the redirect. Usually `example.org` sends to
`www.example.org` and that one back, or http and https send to each other.

nginx carries out a `return` of the `server` block before it looks at any `location`. Put the
redirect into a `location` of its own:

    server {
        listen 443 ssl;
        listen [::]:443 ssl;
        server_name example.org;
        ssl_certificate     /etc/letsencrypt/live/example.org/fullchain.pem;
        ssl_certificate_key /etc/letsencrypt/live/example.org/privkey.pem;

        location = /.well-known/matrix/server {
            default_type application/json;
            return 200 '{"m.server": "matrix.example.org:443"}';
        }
        location / {
            return 301 https://www.example.org$request_uri;
        }
    }

See every step:

    curl -sSIL https://example.org/.well-known/matrix/server)"}},
    {Reason::kWellknownTooManyRedirects,
     {.meaning = R"(The `.well-known` file is more than ten redirects away.)",
      .why = R"(Dendrite and Conduit follow ten redirects, conduwuit, Tuwunel and continuwuity
four, Synapse twenty. Those that give up go on at SRV records and port 8448 of the server name.)",
      .fix = R"(Serve the file at the first address. One redirect does no harm; a chain does.

    curl -sSIL https://example.org/.well-known/matrix/server

nginx, in the `server` block of example.org:

    location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "matrix.example.org:443"}';
    })"}},
    {Reason::kWellknownRedirectNoLocation,
     {.meaning = R"(The `.well-known` host answered with a redirect that leads nowhere: its
Location header is missing, or names no http or https address.)",
      .why = R"(No homeserver can follow. They go on at SRV records and port 8448 of the server
name.)",
      .fix = R"(Answer the file itself, or correct the redirect so that it names a whole web
address.

    curl -i https://example.org/.well-known/matrix/server

nginx, if the redirect is to stay:

    location = /.well-known/matrix/server {
        return 302 https://www.example.org/.well-known/matrix/server;
    })"}},
});

}  // namespace

ExplainedReasons WellKnownFetchReasons() { return kReasons; }

}  // namespace matrix_federation
