#pragma once

#include <utility>

#include "matrix_federation/ports.h"

namespace matrix_federation::fakes {

/// A TLS 1.3 session in which this chain was presented.
inline TlsSession SessionWith(CertificateChain chain) {
  return {.version = "TLS 1.3", .cipher = "TLS_AES_256_GCM_SHA384", .chain = std::move(chain)};
}

}  // namespace matrix_federation::fakes
