#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "matrix_federation/ports.h"

namespace net {

struct DnsClientOptions {
  /// "192.0.2.53", "127.0.0.1:5353", "[::1]:53"; empty: those of the system (resolv.conf).
  std::vector<std::string> servers;
  std::chrono::milliseconds timeout{3000};  // for one answer of one server
  int attempts = 3;                         // rounds over the servers while none answers
};

/// DnsClient on c-ares: UDP with EDNS (1232 bytes), TCP when an answer is truncated, absolute names
/// only, never /etc/hosts. Each server has a channel of its own, so that it is this class that
/// decides who is asked next: an answer of SERVFAIL or REFUSED leads to the next server, silence to
/// the next server and then to another round. One probe loop, its thread only.
class CaresDnsClient : public matrix_federation::DnsClient {
 public:
  /// Called once for every question with how it ended.
  using Observer = std::function<void(matrix_federation::DnsType, matrix_federation::DnsStatus)>;

  /// nullptr, with a sentence in `error`, when a server address cannot be used or the system names
  /// none.
  static std::unique_ptr<CaresDnsClient> Create(boost::asio::any_io_executor executor,
                                                const DnsClientOptions& options, Observer observer,
                                                std::string& error);
  ~CaresDnsClient() override;

  matrix_federation::Awaitable<std::vector<matrix_federation::DnsAnswer>> Query(
      std::vector<matrix_federation::DnsQuestion> questions,
      matrix_federation::SteadyTime deadline) override;

 private:
  class Upstream;
  CaresDnsClient(const DnsClientOptions& options, Observer observer);
  matrix_federation::Awaitable<matrix_federation::DnsAnswer> Ask(
      matrix_federation::DnsQuestion question, matrix_federation::SteadyTime deadline);

  DnsClientOptions options_;
  Observer observer_;
  std::vector<std::shared_ptr<Upstream>> upstreams_;
};

}  // namespace net
