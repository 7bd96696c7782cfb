#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fakes/clock.h"
#include "matrix_federation/ports.h"

namespace matrix_federation::fakes {

/// Homeservers that listen where a test put them; every other address refuses the connection. A
/// connect timeout makes the clock pass it. Every knock is recorded.
class FakeFederationClient : public FederationClient {
 public:
  /// `attempt` counts the knocks at that address from 1.
  using Server = std::function<KnockResult(const Endpoint& endpoint, int attempt)>;

  explicit FakeFederationClient(FakeClock& clock) : clock_(clock) {}

  /// `address` as "192.0.2.10:8448" or "[2001:db8::10]:8448".
  void Listen(const std::string& address, Server server) { servers_[address] = std::move(server); }
  /// This machine has no route to that IP version.
  void TakeAway(int ip_version) { missing_versions_.insert(ip_version); }

  Awaitable<std::vector<KnockResult>> Knock(std::vector<Endpoint> endpoints,
                                            Duration connect_timeout, SteadyTime deadline) override;
  [[nodiscard]] bool NetworkHas(int ip_version) const override {
    return !missing_versions_.contains(ip_version);
  }

  /// All endpoints knocked at, in order, further attempts included.
  [[nodiscard]] const std::vector<Endpoint>& knocks() const { return knocks_; }

 private:
  FakeClock& clock_;
  std::map<std::string, Server> servers_;
  std::map<std::string, int> attempts_;
  std::set<int> missing_versions_;
  std::vector<Endpoint> knocks_;
};

/// The connection failed so.
KnockResult ConnectFailure(Reason reason);
/// The TLS handshake failed so.
KnockResult HandshakeFailure(Reason reason);
/// Both questions were answered; `received` is the moment of the answers.
KnockResult Answered(CertificateChain chain, HttpExchange keys, HttpExchange version);
/// An answer of type application/json.
HttpExchange JsonAnswer(int status, std::string body);
/// What Synapse says of its version.
HttpExchange SynapseVersion();
/// A question that got no usable answer.
HttpExchange NoAnswer(Reason reason);

}  // namespace matrix_federation::fakes
