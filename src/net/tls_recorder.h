#pragma once

#include <openssl/ssl.h>

#include <string>

#include "matrix_federation/ports.h"

namespace net {

// What both clients share: contexts that complete a handshake whatever the certificate is worth,
// and the reading of what was negotiated. Nothing is judged here.

/// Makes a client context record instead of judge: no verification, no sessions or tickets (a
/// resumed session would hide the certificate), no renegotiation (the certificate that was recorded
/// stays the one in use), no Diffie-Hellman group beyond kDhGroupBitsMax, no more handshake
/// messages than kHandshakeBytesMax, before the end of the handshake and after it; `min_version` as
/// a TLS1_…_VERSION.
void PrepareRecording(SSL_CTX* context, int min_version);

/// Notes on each connection of the context when the server asks for a client certificate; none is
/// sent. Notes it in `asked` as well, which has to outlive the connections.
void NoteCertificateRequests(SSL_CTX* context, bool* asked = nullptr);
bool WasAskedForCertificate(const SSL* connection);

/// What a completed handshake negotiated and the chain as sent, bounded by kChainLengthMax.
matrix_federation::TlsSession Record(SSL* connection);

/// Why a handshake, or a read right after it, failed: from an OpenSSL error code (0: none) and
/// whether the server had asked for a client certificate. `said` is the library's own text.
matrix_federation::Failure HandshakeFailure(unsigned long openssl_error, bool asked_for_certificate,
                                            const std::string& said);

}  // namespace net
