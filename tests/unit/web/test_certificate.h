#pragma once

#include <string>

namespace web::testing {

/// A self-signed certificate, its own CA, and its key, as PEM texts.
struct TestCertificate {
  std::string certificate;
  std::string key;
};

/// `names` as OpenSSL spells alternative names: "DNS:localhost,IP:127.0.0.1".
TestCertificate MakeCertificate(const std::string& names);

}  // namespace web::testing
