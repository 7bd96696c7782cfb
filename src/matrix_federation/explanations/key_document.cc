#include "explanations/families.h"

namespace matrix_federation {
namespace {

// What came of GET /_matrix/key/v2/server, before any signature is looked at.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kKeysHttpStatus,
     {.meaning = R"(`/_matrix/key/v2/server` was answered with another HTTP status than 200.
Redirects are not followed here.)",
      .why = R"(Without signing keys no server can check a request or a message of yours, so
they refuse both. That the clients of your own users work says nothing: those need other paths.)",
      .fix = R"(Lead the whole of `/_matrix` to the homeserver, not only `/_matrix/client`.

nginx (no slash and no path after the port):

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        client_max_body_size 50M;
    }

Caddy:

    matrix.example.org, matrix.example.org:8448 {
        reverse_proxy /_matrix/* 127.0.0.1:8008
    }

Try the homeserver without the proxy, then with it:

    curl -i http://127.0.0.1:8008/_matrix/key/v2/server
    curl -i https://matrix.example.org/_matrix/key/v2/server

404: the path, or the name in the Host header, leads elsewhere; Synapse needs `federation`
among the `names` of that listener. 502 or 503: the homeserver is down, or listens elsewhere.
400 from nginx: `ssl_verify_client on`. 301 or 302: a redirect for browsers is in the way. 403
or 429: a CDN or firewall takes servers for bots; exempt `/_matrix` there.)"}},
    {Reason::kKeysInvalidContentType,
     {.meaning = R"(The answer of the key endpoint is not declared as `application/json`.)",
      .why = R"(Synapse refuses such an answer. Mostly it does not come from the homeserver: a
web site answers in its place.)",
      .fix = R"(See who answers, and lead `/_matrix` to the homeserver.

    curl -i https://matrix.example.org/_matrix/key/v2/server

A page for browsers: the web site has the path. An empty answer with status 200: Caddy says
that for every path that its site block does not mention. In Caddy:

    matrix.example.org, matrix.example.org:8448 {
        reverse_proxy /_matrix/* 127.0.0.1:8008
    }

In nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
    }

If it is the right JSON, remove what changes the header on its way. A key response in a static
file is not possible: it has to be signed anew all the time.)"}},
    {Reason::kKeysInvalidJson,
     {.meaning = R"(The answer of the key endpoint is not JSON, or not a JSON object.)",
      .why = R"(No server finds keys in it, so none can check a request or a message of yours.
They refuse both.)",
      .fix = R"(See what is wrong with it, with the proxy and without.

    curl -sS https://matrix.example.org/_matrix/key/v2/server | jq .
    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server | jq .

If only the first one fails, the proxy or a CDN changes or shortens the body: switch off
whatever rewrites content for `/_matrix`. If both fail, update the homeserver and report it to
its authors.)"}},
    {Reason::kKeysMissingField,
     {.meaning = R"(The key response lacks a required member: `server_name`, `verify_keys`,
`signatures` or `valid_until_ts`. The detail names it.)",
      .why = R"(Other servers cannot use the response, so they cannot check a request or a
message of yours. They refuse both.)",
      .fix = R"(Ask the homeserver itself, to see whether it or something before it is at
fault.

    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server | jq .

If the member is there, the proxy leads `/_matrix/key` to something else. If it is not, update
the homeserver. An error object, with `errcode`, is no key response: its `error` says what
happened.)"}},
    {Reason::kKeysInvalidField,
     {.meaning = R"(A member of the key response has the wrong type, or an entry of it is
incomplete. The detail names it.)",
      .why = R"(Synapse and others drop the whole response over one such entry, so they cannot
check a request or a message of yours. They refuse both.)",
      .fix = R"(Correct the entry in the homeserver's configuration. Most often it is a retired
key: each needs its public key and the time in milliseconds at which it was retired.

Synapse, in homeserver.yaml:

    old_signing_keys:
      "ed25519:old":
        key: "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI"
        expired_ts: 1576767829750

Dendrite, in dendrite.yaml:

    global:
      old_private_keys:
        - private_key: old_matrix_key.pem
          expired_at: 1601024554498

Restart the homeserver, and look at the result:

    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server | jq .)"}},
});

}  // namespace

ExplainedReasons KeyDocumentReasons() { return kReasons; }

}  // namespace matrix_federation
