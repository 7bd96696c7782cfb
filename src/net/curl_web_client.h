#pragma once

#include <memory>
#include <string>

#include "matrix_federation/ports.h"

namespace net {

/// WebClient on libcurl's multi interface: HTTP/1.1, one fresh connection a request, on exactly the
/// address given; no proxy, no redirect, no cookie, no CA store (certificates are recorded, and
/// judged by the core). One probe loop, its thread only.
class CurlWebClient : public matrix_federation::WebClient {
 public:
  /// `min_tls_version` as a TLS1_…_VERSION.
  CurlWebClient(boost::asio::any_io_executor executor, std::string user_agent, int min_tls_version);
  ~CurlWebClient() override;

  matrix_federation::Awaitable<matrix_federation::WebResponse> Get(
      matrix_federation::WebRequest request, matrix_federation::Duration connect_timeout,
      matrix_federation::SteadyTime deadline) override;

 private:
  class Multi;
  class Transfer;
  // Shared with the transfers: those that are abandoned at the end outlive this client, in
  // coroutines that the event loop destroys last.
  std::shared_ptr<Multi> multi_;
  std::string user_agent_;
  int min_tls_version_;
};

}  // namespace net
