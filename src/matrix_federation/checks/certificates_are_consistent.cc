#include "checks/all_checks.h"
#include "text.h"

namespace matrix_federation {
namespace {

// Different leaves are most often a renewal that did not reach every machine.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kCertificatesInconsistent),
});

struct Shown {
  const EndpointObservation* endpoint;
  const CertificateFacts* leaf;
};

std::string Until(const CertificateFacts& leaf) { return "until " + ToRfc3339(leaf.not_after); }

std::string Describe(const Shown& a, const Shown& b) {
  const std::string at_a = a.endpoint->address.ToString();
  const std::string at_b = b.endpoint->address.ToString();
  if (a.leaf->not_after == b.leaf->not_after) {
    return at_a + " presents certificate " + a.leaf->serial_number + ", " + at_b + " presents " +
           b.leaf->serial_number + "; give all addresses the same one";
  }
  const bool a_is_older = a.leaf->not_after < b.leaf->not_after;
  const Shown& older = a_is_older ? a : b;
  const Shown& newer = a_is_older ? b : a;
  return "the certificate served on " + (a_is_older ? at_a : at_b) + " is valid " +
         Until(*older.leaf) + ", the one on " + (a_is_older ? at_b : at_a) + " " +
         Until(*newer.leaf) + ": the renewal, or the reload after it, did not reach the former";
}

Verdict Judge(const Observation& seen) {
  std::optional<Shown> first;
  int handshakes = 0;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.tls || !endpoint.tls->chain) continue;
    const Shown shown{&endpoint, &endpoint.tls->chain->certificates.front()};
    ++handshakes;
    if (!first) {
      first = shown;
    } else if (shown.leaf->fingerprint_sha256 != first->leaf->fingerprint_sha256) {
      return Verdict::Warn({Warning::kCertificatesInconsistent, Describe(*first, shown)});
    }
  }
  if (handshakes == 0) return Verdict::NotObserved();
  return handshakes == 1 ? Verdict::NotApplicable() : Verdict::Pass();
}

}  // namespace

const Check certificates_are_consistent{
    .name = "certificates_are_consistent",
    .severity = Severity::kWarning,
    .summary = "All addresses present the same leaf certificate.",
    .citation = "operational",
    .why = R"(Usually a renewed certificate has not reached every machine. The day the old one
expires, those servers fail that connect to this machine, and others do not.)",
    .fix = R"(Bring the renewed certificate to every machine and reload each proxy. If the
machines renew on their own, all is well.

    for address in '192.0.2.10:443' '[2001:db8::10]:443'; do
        openssl s_client -connect "$address" -servername matrix.example.org </dev/null \
            2>/dev/null | openssl x509 -noout -serial -enddate
    done)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
