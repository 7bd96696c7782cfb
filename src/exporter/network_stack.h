#pragma once

#include <functional>
#include <memory>
#include <string>

#include "exporter/settings.h"
#include "matrix_federation/observe.h"
#include "net/cares_dns_client.h"
#include "net/curl_web_client.h"
#include "net/openssl_federation_client.h"

namespace exporter {

/// The world as one probe loop sees it: clients, trust store, clock and chance, set up from the
/// settings. One loop, its thread only.
class NetworkStack {
 public:
  /// nullptr, with a sentence in `error`, when the settings cannot be put into effect (unreadable
  /// CA file, no DNS server).
  static std::unique_ptr<NetworkStack> Create(boost::asio::any_io_executor executor,
                                              const Settings& settings,
                                              net::CaresDnsClient::Observer dns_observer,
                                              std::string& error);

  [[nodiscard]] matrix_federation::World world();
  [[nodiscard]] bool NetworkHas(int ip_version) const { return federation_.NetworkHas(ip_version); }

  /// The options of a probe of this homeserver.
  [[nodiscard]] matrix_federation::ProbeOptions OptionsFor(const Homeserver& server) const;

 private:
  NetworkStack(boost::asio::any_io_executor executor, const Settings& settings,
               std::unique_ptr<net::CaresDnsClient> dns,
               std::unique_ptr<matrix_federation::CertificateVerifier> certificates);

  std::unique_ptr<net::CaresDnsClient> dns_;
  std::unique_ptr<matrix_federation::CertificateVerifier> certificates_;
  net::CurlWebClient web_;
  net::OpensslFederationClient federation_;
  matrix_federation::ProbeOptions options_;
  matrix_federation::Dice dice_;
};

/// The User-Agent of every request.
std::string UserAgent(const Settings& settings);

}  // namespace exporter
