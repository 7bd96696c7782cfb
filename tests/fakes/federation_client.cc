#include "fakes/federation_client.h"

#include "fakes/tls.h"

namespace matrix_federation::fakes {

Awaitable<std::vector<KnockResult>> FakeFederationClient::Knock(std::vector<Endpoint> endpoints,
                                                                Duration connect_timeout,
                                                                SteadyTime deadline) {
  std::vector<KnockResult> results;
  bool waited = false;
  for (const Endpoint& endpoint : endpoints) {
    knocks_.push_back(endpoint);
    const std::string address = endpoint.address.ToString();
    const int attempt = ++attempts_[address];
    const auto server = servers_.find(address);
    results.push_back(server == servers_.end() ? ConnectFailure(Reason::kConnectRefused)
                                               : server->second(endpoint, attempt));
    const MaybeFailure& connect = results.back().connect;
    waited = waited || (connect && connect->reason == Reason::kConnectTimeout);
  }
  if (waited) clock_.Wait(connect_timeout, deadline);
  co_return results;
}

KnockResult ConnectFailure(Reason reason) {
  return {.connect = Failure{reason, "the connection: " + std::string(Word(reason))}};
}

KnockResult HandshakeFailure(Reason reason) {
  return {.handshake = Failure{reason, "the handshake: " + std::string(Word(reason))}};
}

KnockResult Answered(CertificateChain chain, HttpExchange keys, HttpExchange version) {
  return {
      .tls = SessionWith(std::move(chain)), .keys = std::move(keys), .version = std::move(version)};
}

HttpExchange JsonAnswer(int status, std::string body) {
  return {
      .asked = true, .status = status, .content_type = "application/json", .body = std::move(body)};
}

HttpExchange SynapseVersion() {
  return JsonAnswer(200, R"({"server": {"name": "Synapse", "version": "1.157.1"}})");
}

HttpExchange NoAnswer(Reason reason) {
  return {.asked = true, .failure = Failure{reason, "the question: " + std::string(Word(reason))}};
}

}  // namespace matrix_federation::fakes
