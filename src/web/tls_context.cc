#include "web/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "web/beast.h"
#include "web/tls_context_data.h"

namespace web {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

constexpr std::string_view kForwardSecret = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES";
constexpr std::array<unsigned char, 3> kSessionContext = {'w', 'e', 'b'};
constexpr std::uintptr_t kHandshakeMessagesMax = 32;

constexpr std::array<std::pair<std::string_view, const char*>, 4> kGroups = {
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}}};

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string LastError(std::string_view otherwise) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? std::string(otherwise) : reason;
}

bool IsTls13(std::string_view suite) { return suite.find("_WITH_") == std::string_view::npos; }

int Version(int version) {
  constexpr std::array kVersions = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
  return kVersions.at(static_cast<std::size_t>(version - 10));
}

std::string_view Text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// How an IP address is written; empty for octets that are none.
std::string IpText(std::string_view octets) {
  if (octets.size() == 4) {
    asio::ip::address_v4::bytes_type bytes;
    std::copy(octets.begin(), octets.end(), bytes.begin());
    return asio::ip::address_v4(bytes).to_string();
  }
  if (octets.size() == 16) {
    asio::ip::address_v6::bytes_type bytes;
    std::copy(octets.begin(), octets.end(), bytes.begin());
    return asio::ip::address_v6(bytes).to_string();
  }
  return {};
}

std::string NameText(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI: return std::string(Text(name.d.ia5));
    case GEN_IPADD: return IpText(Text(name.d.iPAddress));
    default: return {};
  }
}

bool BearsOneOf(const X509* certificate, const std::vector<std::string>& allowed) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string name = NameText(*sk_GENERAL_NAME_value(names.get(), i));
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return true;
  }
  return false;
}

// In the place of OpenSSL's own verification of a client's certificate; 1 when it is accepted.
int VerifyClient(X509_STORE_CTX* store, void* argument) {
  const auto& context = *static_cast<const TlsContext*>(argument);
  const bool is_verified = context.client_certificate == ClientCertificate::kVerifiedIfGiven ||
                           context.client_certificate == ClientCertificate::kRequiredVerified;
  if (is_verified && X509_verify_cert(store) != 1) return 0;
  if (context.client_allowed_sans.empty() ||
      BearsOneOf(X509_STORE_CTX_get0_cert(store), context.client_allowed_sans)) {
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

// HTTP/1.1 is what there is; a client that knows only other protocols finds out by itself.
int SelectProtocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length,
                   const unsigned char* offered, unsigned offered_length, void* /*argument*/) {
  constexpr std::string_view kHttp11 = "\x08http/1.1";
  unsigned char* selected = nullptr;
  const int result = SSL_select_next_proto(
      &selected, out_length, reinterpret_cast<const unsigned char*>(kHttp11.data()),
      static_cast<unsigned>(kHttp11.size()), offered, offered_length);
  *out = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// OpenSSL takes new keys, and refuses other handshakes, without end. This can only look on, so the
// client is made to look like one that has closed. The count stands in the place of a pointer.
void BoundHandshakes(int written, int /*version*/, int type, const void* /*message*/,
                     std::size_t /*length*/, SSL* connection, void* /*argument*/) {
  static const int kIndex = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  if (written != 0 || type != SSL3_RT_HANDSHAKE) return;
  const auto count = reinterpret_cast<std::uintptr_t>(SSL_get_ex_data(connection, kIndex)) + 1;
  void* const kept = reinterpret_cast<void*>(count);  // NOLINT(performance-no-int-to-ptr)
  SSL_set_ex_data(connection, kIndex, kept);
  if (count > kHandshakeMessagesMax) {
    SSL_set_shutdown(connection, SSL_get_shutdown(connection) | SSL_RECEIVED_SHUTDOWN);
  }
}

// Builds a context piece by piece; the first piece that does not fit leaves its sentence.
class Maker {
 public:
  Maker(const TlsSettings& settings, TlsContext& made)
      : settings_(settings), context_(made.context), ssl_(made.context.native_handle()) {}

  bool Make() {
    SetOptions();
    return SetVersions() && SetCipherSuites() && SetCurves() && LoadCertificate() && LoadClientCa();
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  bool Refuse(std::string error) {
    error_ = std::move(error);
    return false;
  }

  void SetOptions() {
    ERR_clear_error();
    SSL_CTX_set_options(ssl_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    if (settings_.prefer_server_cipher_suites) {
      SSL_CTX_set_options(ssl_, SSL_OP_CIPHER_SERVER_PREFERENCE);
    }
    SSL_CTX_set_session_cache_mode(ssl_, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ssl_, 0);
    SSL_CTX_set_session_id_context(ssl_, kSessionContext.data(), kSessionContext.size());
    SSL_CTX_set_mode(ssl_, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(ssl_, SelectProtocol, nullptr);
    SSL_CTX_set_msg_callback(ssl_, BoundHandshakes);
  }

  bool SetVersions() {
    if (settings_.min_version > settings_.max_version) {
      return Refuse("min_version is above max_version");
    }
    if (SSL_CTX_set_min_proto_version(ssl_, Version(settings_.min_version)) == 1 &&
        SSL_CTX_set_max_proto_version(ssl_, Version(settings_.max_version)) == 1) {
      return true;
    }
    return Refuse(LastError("min_version and max_version cannot be had"));
  }

  // Those of TLS 1.3 are all offered, whatever is listed, as Go does it.
  bool SetCipherSuites() {
    std::string list;
    for (const std::string& suite : settings_.cipher_suites) {
      if (!IsTls13(suite)) list += (list.empty() ? "" : ":") + std::string(OpenSslName(suite));
    }
    if (list.empty() && !settings_.cipher_suites.empty()) {
      if (settings_.max_version < 13) {
        return Refuse("cipher_suites lists none for the versions that are allowed");
      }
      SSL_CTX_set_min_proto_version(ssl_, TLS1_3_VERSION);
    }
    if (list.empty()) list = kForwardSecret;
    // Versions before TLS 1.2 sign with SHA-1, which OpenSSL's levels above 0 forbid.
    if (settings_.min_version < 12) list += ":@SECLEVEL=0";
    return SSL_CTX_set_cipher_list(ssl_, list.c_str()) == 1 ||
           Refuse("cipher_suites: " + LastError("none of them is known to OpenSSL"));
  }

  static const char* OpenSslName(const std::string& suite) {
    return OPENSSL_cipher_name(suite.c_str());
  }

  bool SetCurves() {
    std::string list;
    for (const std::string& curve : settings_.curves) {
      const auto* group = std::find_if(kGroups.begin(), kGroups.end(),
                                       [&](const auto& known) { return known.first == curve; });
      if (group == kGroups.end()) return Refuse("curve_preferences: unknown curve " + curve);
      list += (list.empty() ? "" : ":") + std::string(group->second);
    }
    return list.empty() || SSL_CTX_set1_groups_list(ssl_, list.c_str()) == 1 ||
           Refuse("curve_preferences: " + LastError("not known to OpenSSL"));
  }

  bool LoadCertificate() {
    // Otherwise OpenSSL asks at the terminal.
    context_.set_password_callback(
        [](std::size_t, asio::ssl::context::password_purpose) { return std::string(); });
    Error failure;
    context_.use_certificate_chain(asio::buffer(settings_.certificate), failure);
    if (failure) return Refuse("the certificate cannot be used: " + failure.message());
    context_.use_private_key(asio::buffer(settings_.key), asio::ssl::context::pem, failure);
    if (failure) return Refuse("the key cannot be used: " + failure.message());
    return SSL_CTX_check_private_key(ssl_) == 1 ||
           Refuse("the key cannot be used: " + LastError("it is not the certificate's"));
  }

  bool LoadClientCa() {
    const std::unique_ptr<BIO, FreeBio> bio(
        BIO_new_mem_buf(settings_.client_ca.data(), static_cast<int>(settings_.client_ca.size())));
    int count = 0;
    while (bio) {
      const std::unique_ptr<X509, FreeX509> certificate(
          PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
      if (!certificate) break;
      X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl_), certificate.get());
      SSL_CTX_add_client_CA(ssl_, certificate.get());
      ++count;
    }
    ERR_clear_error();
    return settings_.client_ca.empty() || count > 0 ||
           Refuse("the client CA holds no certificate in PEM form");
  }

  const TlsSettings& settings_;
  asio::ssl::context& context_;
  SSL_CTX* ssl_;
  std::string error_;
};

int VerifyMode(ClientCertificate policy) {
  switch (policy) {
    case ClientCertificate::kNone: return SSL_VERIFY_NONE;
    case ClientCertificate::kRequested:
    case ClientCertificate::kVerifiedIfGiven: return SSL_VERIFY_PEER;
    case ClientCertificate::kRequired:
    case ClientCertificate::kRequiredVerified:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

}  // namespace

const std::vector<std::string_view>& CipherSuites() {
  static const std::vector<std::string_view> suites = {
      "TLS_AES_128_GCM_SHA256",
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
      "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
      "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
      "TLS_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_RSA_WITH_AES_128_CBC_SHA",
      "TLS_RSA_WITH_AES_256_CBC_SHA",
  };
  return suites;
}

const std::vector<std::string_view>& Curves() {
  static const std::vector<std::string_view> curves = [] {
    std::vector<std::string_view> names;
    for (const auto& [name, group] : kGroups) names.push_back(name);
    return names;
  }();
  return curves;
}

std::shared_ptr<TlsContext> MakeTlsContext(const TlsSettings& settings, std::string& error) {
  auto made = std::make_shared<TlsContext>();
  made->client_certificate = settings.client_certificate;
  made->client_allowed_sans = settings.client_allowed_sans;
  Maker maker(settings, *made);
  if (!maker.Make()) {
    error = maker.error();
    return nullptr;
  }
  SSL_CTX* ssl = made->context.native_handle();
  SSL_CTX_set_verify(ssl, VerifyMode(settings.client_certificate), nullptr);
  SSL_CTX_set_cert_verify_callback(ssl, VerifyClient, made.get());
  return made;
}

}  // namespace web
