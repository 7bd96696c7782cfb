#include "explanations/families.h"

namespace matrix_federation {
namespace {

constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kTlsCertExpired,
     {.meaning = R"(A certificate of the chain that the server presents is past its last day.)",
      .why = R"(Every homeserver ends the connection, so nothing of theirs reaches yours. Nor
can those that lack your signing keys fetch them; they refuse what your users send. Messages
wait at the other servers, which try again less and less often: Synapse first after ten
minutes, in the end once a week.)",
      .fix = R"(Renew the certificate and reload whatever presents it. Most often it was
renewed, and the proxy was never told.

What is on disk, and what is presented:

    openssl x509 -noout -enddate -in /etc/letsencrypt/live/matrix.example.org/fullchain.pem
    openssl s_client -connect matrix.example.org:443 </dev/null 2>/dev/null \
        | openssl x509 -noout -enddate

If the one on disk is newer, reload:

    nginx -t && nginx -s reload

If it is as old, renew:

    certbot renew --cert-name matrix.example.org

So that the next renewal reaches nginx by itself:

    cd /etc/letsencrypt/renewal-hooks/deploy
    printf '#!/bin/sh\nnginx -s reload\n' >reload-nginx && chmod +x reload-nginx

Synapse, where it does TLS itself, reads its certificate again on `systemctl reload
matrix-synapse`. Caddy renews and reloads by itself; its log says what stops it.)"}},
    {Reason::kTlsCertNotYetValid,
     {.meaning = R"(A certificate of the chain that the server presents begins to be valid in
the future.)",
      .why = R"(Every homeserver ends the connection until that time, unless its clock is fast.)",
      .fix = R"(Check the clock of the machine that issued the certificate and of the
exporter's machine. Until the date is reached, present the previous certificate.

    timedatectl
    openssl s_client -connect matrix.example.org:443 </dev/null 2>/dev/null \
        | openssl x509 -noout -startdate -enddate

If the clock was wrong, set it right and issue the certificate again.)"}},
    {Reason::kTlsCertNameMismatch,
     {.meaning = R"(The certificate does not cover the name that other servers have to find in
it. Only subject alternative names count, not the common name, and `*.example.org` covers one
label: `matrix.example.org`, but not `example.org`.)",
      .why = R"(Every homeserver ends the connection. Which name it has to be depends on
discovery, not on the machine: with `.well-known` the delegated host, without it the server
name. The target of an SRV record never counts.)",
      .fix = R"(Issue a certificate for the name in the detail, best one for both names, and
make the proxy present it.

    certbot certonly --nginx -d example.org -d matrix.example.org

nginx picks the `server` block by `server_name`; without a match it presents the certificate of
the first block for that port:

    server {
        listen 443 ssl;
        listen [::]:443 ssl;
        listen 8448 ssl;
        listen [::]:8448 ssl;
        server_name example.org matrix.example.org;
        ssl_certificate     /etc/letsencrypt/live/example.org/fullchain.pem;
        ssl_certificate_key /etc/letsencrypt/live/example.org/privkey.pem;
        location /_matrix {
            proxy_pass http://127.0.0.1:8008;
        }
    }

What is presented for a name:

    openssl s_client -connect matrix.example.org:443 </dev/null 2>/dev/null \
        | openssl x509 -noout -ext subjectAltName

If the certificate cannot be had for the server name, delegate to a name that it covers:

    {"m.server": "matrix.example.org:443"})"}},
    {Reason::kTlsCertSelfSigned,
     {.meaning = R"(The server presents a certificate that it has signed itself.)",
      .why = R"(Homeservers trust the CAs of their operating system. Synapse accepted
self-signed certificates until version 1.0; since then no homeserver connects.)",
      .fix = R"(Install a certificate from a public CA and reload the proxy.

    certbot certonly --nginx -d example.org -d matrix.example.org

nginx:

    ssl_certificate     /etc/letsencrypt/live/example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/example.org/privkey.pem;

Then:

    nginx -t && nginx -s reload

If one is installed already, the proxy answers with its default certificate: it has no `server`
block for this name on this port. In a closed federation with a CA of its own, set
`tls.ca_file`.)"}},
    {Reason::kTlsCertIncompleteChain,
     {.meaning = R"(The server sends its own certificate without the intermediate one that
issued it.)",
      .why = R"(Homeservers do not fetch what is missing. Browsers often do, or have it cached,
so the web site looks fine while no homeserver connects. A CA that nobody knows looks the same
from outside.)",
      .fix = R"(Present the full chain, `fullchain.pem` instead of `cert.pem`, and reload the
proxy.

nginx:

    ssl_certificate     /etc/letsencrypt/live/matrix.example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/matrix.example.org/privkey.pem;

Apache:

    SSLCertificateFile    /etc/letsencrypt/live/matrix.example.org/fullchain.pem
    SSLCertificateKeyFile /etc/letsencrypt/live/matrix.example.org/privkey.pem

Synapse, where it does TLS itself:

    tls_certificate_path: "/etc/letsencrypt/live/matrix.example.org/fullchain.pem"

Then, for nginx:

    nginx -t && nginx -s reload

Two certificates or more are listed when the chain is whole:

    openssl s_client -connect matrix.example.org:443 -showcerts </dev/null 2>/dev/null \
        | grep ' s:')"}},
    {Reason::kTlsCertUntrusted,
     {.meaning = R"(The certificates that the server presents do not lead to a CA that the
exporter trusts, or it presents none.)",
      .why = R"(Other homeservers trust the CAs of their operating system. If the CA is not
among those, none of them connects.)",
      .fix = R"(Use a certificate from a public CA, and send the intermediate certificates that
belong to it in their order.

Look at it from another machine than the exporter's:

    openssl s_client -connect matrix.example.org:443 -showcerts </dev/null

"Verify return code" names the fault, "i:" the issuer of each certificate.

If that command finds nothing wrong, the exporter's trust store is old: update
`ca-certificates` on its machine. In a closed federation with a CA of its own, name that CA:

    tls:
      ca_file: /etc/ssl/private-federation-ca.pem)"}},
    {Reason::kTlsCertWeak,
     {.meaning = R"(A certificate of the chain has a key that is too short, or a signature with
an outdated hash such as SHA-1.)",
      .why = R"(Debian and others have TLS refuse it: RSA below 2048 bits, SHA-1. Homeservers
on such systems, Synapse among them, end the connection.)",
      .fix = R"(Issue the certificate again with an ECDSA key, or RSA of 2048 bits and more.
Every public CA signs with SHA-256 today.

    certbot certonly --nginx --force-renewal --key-type ecdsa \
        -d example.org -d matrix.example.org

Then:

    nginx -t && nginx -s reload

What is presented:

    openssl s_client -connect matrix.example.org:443 </dev/null 2>/dev/null \
        | openssl x509 -noout -text | grep -E 'Signature Algorithm|Public-Key')"}},
});

}  // namespace

ExplainedReasons CertificateReasons() { return kReasons; }

}  // namespace matrix_federation
