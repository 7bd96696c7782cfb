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

/// What a network stack is made of: settings, and the files that it reads (trust store, system's
/// DNS servers). From equal ingredients comes an equal stack.
struct NetworkIngredients {
  DnsSettings dns;
  TlsSettings tls;
  NetworkSettings network;
  std::size_t files = 0;  // hash of their contents

  /// Reads the files; one that cannot be read counts as another one than before.
  static NetworkIngredients Of(const Settings& settings);

  bool operator==(const NetworkIngredients&) const = default;
};

/// The world as one probe loop sees it: clients, trust store, clock and chance, set up from the
/// settings. One loop, its thread only; Create may run on another one.
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
