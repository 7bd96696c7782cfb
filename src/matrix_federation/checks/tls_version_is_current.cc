#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// RFC 9325: TLS 1.2 is acceptable only with ECDHE and AEAD cipher suites.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kTlsVersionOld),
});

bool IsCurrent(const TlsObservation& tls) {
  if (tls.version == "TLS 1.3") return true;
  const auto has = [&](std::string_view part) {
    return tls.cipher.find(part) != std::string::npos;
  };
  return tls.version == "TLS 1.2" && has("ECDHE") && (has("GCM") || has("CHACHA20") || has("CCM"));
}

Verdict Judge(const Observation& seen) {
  bool observed = false;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.tls) continue;
    observed = true;
    if (IsCurrent(*endpoint.tls)) continue;
    return Verdict::Warn({Warning::kTlsVersionOld, endpoint.address.ToString() + " negotiated " +
                                                       endpoint.tls->version + " with " +
                                                       endpoint.tls->cipher + "; enable TLS 1.3"});
  }
  return observed ? Verdict::Pass() : Verdict::NotObserved();
}

}  // namespace

const Check tls_version_is_current{
    .name = "tls_version_is_current",
    .severity = Severity::kWarning,
    .summary = "TLS 1.3, or TLS 1.2 with forward secrecy and authenticated encryption.",
    .citation = "RFC 9325 sections 3.1.1 and 4.2",
    .why = R"(Other servers connect today. RFC 9325 advises against older versions and ciphers,
and TLS libraries drop them one after another; each time a part of the network can no longer
connect.)",
    .fix = R"(Enable TLS 1.3, and for TLS 1.2 ciphers with ECDHE and AES-GCM or ChaCha20.

nginx:

    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
