#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>
#include <vector>

#include "web/tls_context.h"

namespace web {

/// Apart from the header of its maker, whose users need none of OpenSSL.
struct TlsContext {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
  ClientCertificate client_certificate = ClientCertificate::kNone;
  std::vector<std::string> client_allowed_sans;
};

}  // namespace web
