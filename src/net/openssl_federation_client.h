#pragma once

#include <memory>
#include <string>
#include <vector>

#include "matrix_federation/ports.h"

namespace net {

/// FederationClient on OpenSSL through Boost.Asio's ssl::stream and Beast's HTTP parser. One
/// SSL_CTX for all connections. One probe loop, its thread only.
class OpensslFederationClient : public matrix_federation::FederationClient {
 public:
  /// `min_tls_version` as a TLS1_…_VERSION.
  OpensslFederationClient(boost::asio::any_io_executor executor, std::string user_agent,
                          int min_tls_version);
  ~OpensslFederationClient() override;

  matrix_federation::Awaitable<std::vector<matrix_federation::KnockResult>> Knock(
      std::vector<matrix_federation::Endpoint> endpoints,
      matrix_federation::Duration connect_timeout, matrix_federation::SteadyTime deadline) override;

  [[nodiscard]] bool NetworkHas(int ip_version) const override;

 private:
  struct Context;
  matrix_federation::Awaitable<matrix_federation::KnockResult> KnockAt(
      matrix_federation::Endpoint endpoint, matrix_federation::Duration connect_timeout,
      matrix_federation::SteadyTime deadline);

  boost::asio::any_io_executor executor_;
  std::string user_agent_;
  std::unique_ptr<Context> context_;
};

}  // namespace net
