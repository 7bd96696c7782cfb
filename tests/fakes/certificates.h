#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fakes/clock.h"
#include "matrix_federation/certificate.h"

namespace matrix_federation::fakes {

enum class KeyKind { kP256, kRsa1024 };

/// What a certificate is to say. The defaults are those of the conformance vectors.
struct CertificateRequest {
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::string common_name;                                        // empty: no subject at all
  SystemSeconds not_before{std::chrono::seconds{1'796'083'200}};  // 2026-12-01
  SystemSeconds not_after{std::chrono::seconds{1'803'859'200}};   // 2027-03-01
  KeyKind key = KeyKind::kP256;
  bool is_ca = false;
  bool signed_with_sha1 = false;
  // Dates and a serial number that no CA should write, in hexadecimal the latter, in their place.
  std::string not_before_text;
  std::string not_after_text;
  std::string serial_number;
  std::string extended_key_usage;  // as OpenSSL spells it, for example "clientAuth"
};

/// A certificate with its key, able to issue others; held in memory.
class Identity {
 public:
  static Identity SelfSigned(const CertificateRequest& request);
  [[nodiscard]] Identity Issue(const CertificateRequest& request) const;

  [[nodiscard]] const std::shared_ptr<X509>& certificate() const { return certificate_; }

 private:
  Identity(const CertificateRequest& request, const Identity* issuer);

  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

/// A public CA as homeservers know them: a root that is trusted, and an intermediate that issues.
class PublicCa {
 public:
  PublicCa();

  /// The leaf and the intermediate, as a well configured server presents them.
  [[nodiscard]] CertificateChain Chain(const CertificateRequest& request) const;
  /// For exactly one DNS name.
  [[nodiscard]] CertificateChain ChainFor(const std::string& dns_name) const;
  [[nodiscard]] const Identity& intermediate() const { return intermediate_; }
  [[nodiscard]] const Identity& root() const { return root_; }

 private:
  Identity root_;
  Identity intermediate_;
};

/// The CA of all tests: made once, since keys take time.
const PublicCa& TestCa();

/// A PEM file of certificates that lives as long as this object.
class PemFile {
 public:
  explicit PemFile(const CertificateChain& certificates);
  ~PemFile();
  PemFile(const PemFile&) = delete;
  PemFile& operator=(const PemFile&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// A verifier that trusts these CAs only.
std::unique_ptr<CertificateVerifier> VerifierTrusting(const CertificateChain& roots);

}  // namespace matrix_federation::fakes
