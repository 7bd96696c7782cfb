#include "explanations/families.h"

namespace matrix_federation {
namespace {

constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kTlsHandshakeFailed,
     {.meaning = R"(The TCP connection was set up, but the TLS handshake failed.)",
      .why = R"(Federation is HTTPS only. Without a session no other server can say anything to
this address, and nobody falls back to plain HTTP.)",
      .fix = R"(Make this port speak TLS, with a certificate for the name that other servers
ask for.

See what it says:

    openssl s_client -connect matrix.example.org:8448 </dev/null

"wrong version number" means plain HTTP on this port. nginx needs the word `ssl`:

    listen 8448 ssl;
    listen [::]:8448 ssl;

"internal error" or "unrecognized name" means that the proxy has no certificate for this name.
In Caddy give the name a site block of its own; it gets the certificate by itself:

    matrix.example.org, matrix.example.org:8448 {
        reverse_proxy /_matrix/* 127.0.0.1:8008
    })"}},
    {Reason::kTlsProtocolVersion,
     {.meaning = R"(The server and the exporter have no TLS version in common. The exporter
asks for 1.2 or 1.3 (`tls.min_version`).)",
      .why = R"(Dendrite, Conduit and its descendants, by the libraries that they are built
with, speak nothing older than TLS 1.2, so they cannot connect. Synapse accepts older versions,
but its system's OpenSSL may not.)",
      .fix = R"(Offer TLS 1.2 and 1.3.

nginx:

    ssl_protocols TLSv1.2 TLSv1.3;

Apache:

    SSLProtocol -all +TLSv1.2 +TLSv1.3

Caddy offers both by default. Check it:

    openssl s_client -tls1_2 -connect matrix.example.org:443 </dev/null
    openssl s_client -tls1_3 -connect matrix.example.org:443 </dev/null

If the server is at 1.2 on purpose, see that `tls.min_version` of the exporter is not "1.3".)"}},
    {Reason::kTlsClientCertRequired,
     {.meaning = R"(The server insists on a client certificate.)",
      .why = R"(Homeservers show none: they prove who they are by signatures in the request. So
every other server is turned away.)",
      .fix = R"(Stop asking for client certificates where `/_matrix` is served.

nginx:

    ssl_verify_client off;

Apache:

    SSLVerifyClient none

Caddy: remove `client_auth` from the `tls` block. Cloudflare's "Authenticated Origin Pulls"
asks for a certificate as well: with it the DNS has to lead to Cloudflare, not to the server
itself.)"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kTlsVersionOld,
     {.meaning = R"(The best that could be agreed on is older than TLS 1.2, or TLS 1.2 with a
cipher that lacks forward secrecy or authenticated encryption.)",
      .why = R"(Other servers connect today. RFC 9325 advises against such ciphers, and TLS
libraries drop them one after another; each time a part of the network can no longer connect.)",
      .fix = R"(Enable TLS 1.3, and for TLS 1.2 ciphers with ECDHE and AES-GCM or ChaCha20.

nginx:

    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;

Do not switch TLS 1.2 off: much of the network has nothing newer. Check it:

    openssl s_client -connect matrix.example.org:443 </dev/null 2>/dev/null | grep Cipher)"}},
    {Warning::kCertificatesInconsistent,
     {.meaning = R"(The addresses of the homeserver present different certificates.)",
      .why = R"(Usually a renewed certificate has not reached every machine. The day the old
one expires, those servers fail that connect to this machine, and others do not.)",
      .fix = R"(Bring the renewed certificate to every machine and reload each proxy. If the
machines renew on their own, all is well.

Ask each address for its certificate:

    for address in '192.0.2.10:443' '[2001:db8::10]:443'; do
        openssl s_client -connect "$address" -servername matrix.example.org </dev/null \
            2>/dev/null | openssl x509 -noout -serial -enddate
    done)"}},
});

}  // namespace

ExplainedReasons TlsReasons() { return kReasons; }
ExplainedWarnings TlsWarnings() { return kWarnings; }

}  // namespace matrix_federation
