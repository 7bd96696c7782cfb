#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// Different leaves are most often a renewal that did not reach every machine.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kCertificatesInconsistent),
});

Verdict Judge(const Observation& seen) {
  const CertificateFacts* first = nullptr;
  const EndpointObservation* first_endpoint = nullptr;
  int handshakes = 0;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.tls || !endpoint.tls->chain) continue;
    const CertificateFacts& leaf = endpoint.tls->chain->certificates.front();
    ++handshakes;
    if (first == nullptr) {
      first = &leaf;
      first_endpoint = &endpoint;
    } else if (leaf.fingerprint_sha256 != first->fingerprint_sha256) {
      return Verdict::Warn({Warning::kCertificatesInconsistent,
                            first_endpoint->address.ToString() + " presents certificate " +
                                first->serial_number + ", " + endpoint.address.ToString() +
                                " presents " + leaf.serial_number + "; did a reload miss one?"});
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
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
