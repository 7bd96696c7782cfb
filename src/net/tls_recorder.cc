#include "net/tls_recorder.h"

#include <openssl/err.h>

#include <algorithm>

#include "matrix_federation/limits.h"

namespace net {
namespace {

using matrix_federation::Failure;
using matrix_federation::Reason;

// SSL_VERIFY_NONE would still run the whole chain verification, half of a handshake's cost; only a
// replaced callback avoids it.
int AcceptAnyCertificate(X509_STORE_CTX* /*context*/, void* /*argument*/) { return 1; }

int RequestMark() {
  static const int kIndex = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return kIndex;
}

int AskedMark() {
  static const int kIndex = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return kIndex;
}

int NoteRequest(SSL* connection, X509** /*certificate*/, EVP_PKEY** /*key*/) {
  static char mark;
  SSL_set_ex_data(connection, RequestMark(), &mark);
  void* asked = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), AskedMark());
  if (asked != nullptr) *static_cast<bool*>(asked) = true;
  return 0;
}

// "TLSv1.3" as people and blackbox_exporter write it: "TLS 1.3".
std::string VersionName(const SSL* connection) {
  std::string name = SSL_get_version(connection);
  if (name.starts_with("TLSv")) name = "TLS " + name.substr(4);
  return name == "TLS 1" ? "TLS 1.0" : name;
}

using SecurityCallback = int (*)(const SSL*, const SSL_CTX*, int, int, int, void*, void*);

// OpenSSL's own, as a context has it that nobody has changed.
SecurityCallback StandardCallback(const SSL_CTX* context = nullptr) {
  static const SecurityCallback standard = SSL_CTX_get_security_callback(context);
  return standard;
}

// One computation in a group of 10,000 bits, OpenSSL's own bound, holds up a probe loop for tenths
// of a second, and a handshake has two.
int RefuseHugeGroups(const SSL* connection, const SSL_CTX* context, int operation, int bits,
                     int number, void* other, void* data) {
  if (operation == SSL_SECOP_TMP_DH &&
      EVP_PKEY_get_bits(static_cast<EVP_PKEY*>(other)) > matrix_federation::kDhGroupBitsMax) {
    return 0;
  }
  return StandardCallback()(connection, context, operation, bits, number, other, data);
}

void Forget(void* /*connection*/, void* count, CRYPTO_EX_DATA* /*all*/, int /*index*/,
            long /*number*/, void* /*argument*/) {
  delete static_cast<std::size_t*>(count);
}

// The bytes of handshake messages that have come over a connection.
std::size_t& HandshakeBytes(SSL* connection) {
  static const int kIndex = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &Forget);
  auto* count = static_cast<std::size_t*>(SSL_get_ex_data(connection, kIndex));
  if (count == nullptr) {
    count = new std::size_t(0);
    SSL_set_ex_data(connection, kIndex, count);
  }
  return *count;
}

// Where nothing can be read any more: each attempt is an error, as of a message that is too large.
BIO* NewBarrier() {
  static BIO_METHOD* method = [] {
    BIO_METHOD* fresh = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "barrier");
    BIO_meth_set_read(fresh, [](BIO* /*self*/, char* /*to*/, int /*length*/) {
      ERR_raise(ERR_LIB_SSL, SSL_R_EXCESSIVE_MESSAGE_SIZE);
      return -1;
    });
    BIO_meth_set_ctrl(
        fresh, [](BIO* /*self*/, int /*command*/, long /*number*/, void* /*data*/) { return 0L; });
    return fresh;
  }();
  BIO* barrier = BIO_new(method);
  BIO_set_init(barrier, 1);
  return barrier;
}

// A callback for messages can only look on; so what the connection reads from is taken away.
void BoundHandshakes(int written, int /*version*/, int type, const void* /*message*/,
                     std::size_t length, SSL* connection, void* /*argument*/) {
  if (written != 0 || type != SSL3_RT_HANDSHAKE) return;
  std::size_t& bytes = HandshakeBytes(connection);
  const bool was_within = bytes <= matrix_federation::kHandshakeBytesMax;
  bytes += std::max(length, matrix_federation::kHandshakeMessageBytesMin);
  if (was_within && bytes > matrix_federation::kHandshakeBytesMax) {
    SSL_set0_rbio(connection, NewBarrier());
  }
}

bool IsVersionError(int reason) {
  return reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL ||
         reason == SSL_R_VERSION_TOO_LOW || reason == SSL_R_WRONG_SSL_VERSION ||
         reason == SSL_R_UNKNOWN_PROTOCOL;
}

}  // namespace

void PrepareRecording(SSL_CTX* context, int min_version) {
  SSL_CTX_set_cert_verify_callback(context, AcceptAnyCertificate, nullptr);
  SSL_CTX_set_min_proto_version(context, min_version);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  StandardCallback(context);
  SSL_CTX_set_security_callback(context, RefuseHugeGroups);
  SSL_CTX_set_msg_callback(context, BoundHandshakes);
}

void NoteCertificateRequests(SSL_CTX* context, bool* asked) {
  SSL_CTX_set_client_cert_cb(context, NoteRequest);
  SSL_CTX_set_ex_data(context, AskedMark(), asked);
}

bool WasAskedForCertificate(const SSL* connection) {
  return SSL_get_ex_data(connection, RequestMark()) != nullptr;
}

matrix_federation::TlsSession Record(SSL* connection) {
  matrix_federation::TlsSession session;
  session.version = VersionName(connection);
  if (const SSL_CIPHER* cipher = SSL_get_current_cipher(connection)) {
    session.cipher = SSL_CIPHER_standard_name(cipher);
  }
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(connection);
  const int count = std::min(chain == nullptr ? 0 : sk_X509_num(chain),
                             static_cast<int>(matrix_federation::kChainLengthMax));
  for (int i = 0; i < count; ++i) {
    X509* certificate = sk_X509_value(chain, i);
    X509_up_ref(certificate);
    session.chain.emplace_back(certificate, X509_free);
  }
  return session;
}

Failure HandshakeFailure(unsigned long openssl_error, bool asked_for_certificate,
                         const std::string& said) {
  const int reason = ERR_GET_REASON(openssl_error);
  if (openssl_error != 0 && IsVersionError(reason)) {
    return {Reason::kTlsProtocolVersion,
            "no common TLS version (" + said + "); enable TLS 1.2 and 1.3 on the server"};
  }
  // Before TLS 1.3 there is no alert of its own for a missing client certificate.
  const bool refused_without =
      asked_for_certificate &&
      (reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE ||
       reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE || reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA ||
       reason == SSL_R_TLSV1_ALERT_ACCESS_DENIED);
  if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED || refused_without) {
    return {Reason::kTlsClientCertRequired,
            "the server insists on a client certificate, which no homeserver sends; make it "
            "optional or drop it for /_matrix"};
  }
  if (reason == SSL_R_WRONG_VERSION_NUMBER) {
    return {Reason::kTlsHandshakeFailed,
            "what answered does not speak TLS (plain HTTP on this port?)"};
  }
  if (reason == SSL_R_DH_KEY_TOO_SMALL) {
    return {Reason::kTlsHandshakeFailed,
            "the TLS handshake failed: the server's Diffie-Hellman group is too small, or larger "
            "than " +
                std::to_string(matrix_federation::kDhGroupBitsMax) +
                " bits; have it offer ciphers with ECDHE"};
  }
  if (reason == SSL_R_EXCESSIVE_MESSAGE_SIZE) {
    return {Reason::kTlsHandshakeFailed,
            "the TLS handshake failed: the server sends more handshake messages, or larger ones, "
            "than any handshake needs"};
  }
  // What servers send that have no certificate for the name they were asked for.
  if (reason == SSL_R_TLSV1_ALERT_INTERNAL_ERROR || reason == SSL_R_TLSV1_UNRECOGNIZED_NAME) {
    return {Reason::kTlsHandshakeFailed,
            "the TLS handshake failed: " + said +
                "; most often there is no site, or no certificate, for this name"};
  }
  return {Reason::kTlsHandshakeFailed, "the TLS handshake failed: " + said};
}

}  // namespace net
