#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// A certificate counts from notBefore until notAfter.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kTlsCertExpired),
    Word(Reason::kTlsCertNotYetValid),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kDates); }

}  // namespace

const Check certificate_is_in_date{
    .name = "certificate_is_in_date",
    .severity = Severity::kError,
    .summary = "Every certificate of the chain is within its validity period.",
    .citation = "server-server API, TLS; RFC 5280 section 4.1.2.5",
    .why = R"(Every homeserver ends the connection as soon as one certificate of the chain is
out of its dates. This outage comes by itself: the renewal failed, or nobody told the proxy of
it.)",
    .fix = R"(Renew the certificate and reload whatever presents it, and make the reload part
of the renewal.

    certbot renew --cert-name matrix.example.org
    nginx -t && nginx -s reload

So that the next renewal reaches nginx by itself:

    cd /etc/letsencrypt/renewal-hooks/deploy
    printf '#!/bin/sh\nnginx -s reload\n' >reload-nginx && chmod +x reload-nginx

What is presented:

    openssl s_client -connect matrix.example.org:443 </dev/null 2>/dev/null \
        | openssl x509 -noout -startdate -enddate)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
