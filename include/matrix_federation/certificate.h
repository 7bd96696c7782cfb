#pragma once

#include <openssl/x509.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "matrix_federation/ip_address.h"
#include "matrix_federation/outcome.h"

namespace matrix_federation {

using SystemTime = std::chrono::system_clock::time_point;
using SystemSeconds = std::chrono::sys_seconds;

/// A chain as a server presented it, leaf first, nothing reordered or dropped (save beyond
/// kChainLengthMax). The I/O records it; only CertificateVerifier judges it.
using CertificateChain = std::vector<std::shared_ptr<X509>>;

/// No date of a certificate is before the year 1.
inline constexpr SystemSeconds kCertificateTimeMin =
    std::chrono::sys_days(std::chrono::year{1} / std::chrono::January / 1);

/// What one certificate says of itself.
struct CertificateFacts {
  std::string subject_cn;  // empty when the subject has none
  std::string issuer_cn;
  std::vector<std::string> dns_names;  // dNSName entries, as spelled
  std::vector<std::string> ip_addresses;
  std::string serial_number;  // lower-case hex, whole bytes, "…" behind kSerialNumberMax of them
  std::string fingerprint_sha256;  // lower-case hex of the DER encoding's digest
  SystemSeconds not_before;
  SystemSeconds not_after;
};

/// The name that a certificate has to cover (server-server API, "Resolving server names": each
/// step prescribes it). An address is compared as octets with iPAddress entries only.
struct CertificateName {
  enum class Type : std::uint8_t { kDns, kIp };
  Type type = Type::kDns;
  std::string value;  // a DNS name, or an address in RFC 5952 text
};

/// What is to be said of a chain at one moment, whatever name it should cover.
struct ChainAssessment {
  std::vector<CertificateFacts> certificates;  // as presented
  /// No path to a trusted CA with what was sent, dates left aside.
  MaybeFailure trust;
  /// A certificate of the path (or, without a path, of the presented chain) is out of its dates.
  MaybeFailure dates;
};

/// Judges presented chains against a set of trusted CAs, as homeservers do (server-server API,
/// "TLS"; RFC 5280 path validation by OpenSSL; security level 2; no revocation, as Synapse, Go and
/// rustls). Good verdicts are remembered until the earliest notAfter of the validated path, its
/// root included: verifying the same intermediates again is half of a probe's cost. Of each leaf
/// only the last chain as sent is, since a peer may send others along without end, but not have
/// them issued. Bad verdicts are never remembered. Not thread-safe: one per probe loop.
class CertificateVerifier {
 public:
  /// Trusts the CAs of a PEM file, or the system's trust store when `ca_file` is empty. The error
  /// is a sentence for the operator.
  static std::unique_ptr<CertificateVerifier> Create(const std::string& ca_file,
                                                     std::string& error);
  ~CertificateVerifier();
  CertificateVerifier(const CertificateVerifier&) = delete;
  CertificateVerifier& operator=(const CertificateVerifier&) = delete;

  /// `chain` must not be empty. The result is shared with the memory: never changed afterwards.
  std::shared_ptr<const ChainAssessment> Assess(const CertificateChain& chain, SystemTime now);

  /// Whether `leaf` covers `name`: RFC 9525, so subjectAltName only (no CN fallback), a wildcard
  /// only as the whole left-most label. Empty when it does.
  static MaybeFailure MatchName(X509* leaf, const CertificateName& name);

  [[nodiscard]] std::size_t remembered() const { return cache_.size(); }

 private:
  explicit CertificateVerifier(X509_STORE* store) : store_(store) {}

  struct Remembered {
    std::string digests;  // SHA-256 of each certificate as sent
    std::shared_ptr<const ChainAssessment> assessment;
    SystemSeconds valid_from;
    SystemSeconds valid_until;
  };

  void MakeRoom(SystemTime now);

  X509_STORE* store_;
  std::unordered_map<std::string, Remembered> cache_;  // by the digest of the leaf
};

/// How a sentence names a certificate: "'common name'", or "for" its first name.
std::string SubjectOf(const CertificateFacts& facts);

/// The facts of one certificate, bounded by kAltNamesMax.
CertificateFacts FactsOf(X509* certificate);

}  // namespace matrix_federation
