#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace web {

/// Whether clients show certificates.
enum class ClientCertificate : std::uint8_t {
  kNone,
  kRequested,        // may be shown, is not verified
  kRequired,         // has to be shown, is not verified
  kVerifiedIfGiven,  // may be shown, is then verified
  kRequiredVerified,
};

/// How to speak TLS. Certificates and the key are PEM texts, not files.
struct TlsSettings {
  std::string certificate;  // the server's, followed by its intermediates
  std::string key;
  std::string client_ca;
  ClientCertificate client_certificate = ClientCertificate::kNone;
  /// When not empty, a client's certificate has to bear one of these as a DNS name, an e-mail
  /// address, an IP address or a URI.
  std::vector<std::string> client_allowed_sans;
  int min_version = 12;  // 10 to 13, for TLS 1.0 to 1.3
  int max_version = 13;
  std::vector<std::string> cipher_suites;  // of CipherSuites(); empty: those with forward secrecy
  bool prefer_server_cipher_suites = true;
  std::vector<std::string> curves;  // "CurveP256", …, in the order of preference
};

/// The names that `cipher_suites` and `curves` may hold, as IANA and Go spell them.
const std::vector<std::string_view>& CipherSuites();
const std::vector<std::string_view>& Curves();

/// What OpenSSL needs for handshakes; unchanged once made. Sessions are not resumed: each client
/// shows its certificate at every connection.
struct TlsContext;

/// None, with a sentence in `error`, when the settings do not fit together.
std::shared_ptr<TlsContext> MakeTlsContext(const TlsSettings& settings, std::string& error);

}  // namespace web
