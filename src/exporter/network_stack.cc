#include "exporter/network_stack.h"

#include <openssl/x509.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

namespace exporter {
namespace {

class SystemClock : public matrix_federation::Clock {
 public:
  [[nodiscard]] matrix_federation::SteadyTime Steady() const override {
    return std::chrono::steady_clock::now();
  }
  [[nodiscard]] matrix_federation::SystemTime System() const override {
    return std::chrono::system_clock::now();
  }
  matrix_federation::Awaitable<void> Sleep(matrix_federation::Duration duration) const override {
    namespace asio = boost::asio;
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
};
const SystemClock kSystemClock;

matrix_federation::Dice NewDice() {
  return [engine = std::mt19937(std::random_device{}())](std::uint32_t bound) mutable {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(engine);
  };
}

bool Has(const std::vector<int>& versions, int version) {
  return std::find(versions.begin(), versions.end(), version) != versions.end();
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  // Not by iterators: of a directory they throw, while streaming only fails.
  contents << file.rdbuf();
  return contents ? contents.str() : "unreadable";
}

// The file that OpenSSL reads when no CA file is configured.
std::string SystemTrustStore() {
  const char* chosen = std::getenv(X509_get_default_cert_file_env());
  return chosen != nullptr ? chosen : X509_get_default_cert_file();
}

}  // namespace

NetworkIngredients NetworkIngredients::Of(const Settings& settings) {
  const std::string& ca_file = settings.tls.ca_file;
  const std::string trusted = Contents(ca_file.empty() ? SystemTrustStore() : ca_file);
  const std::string resolvers = settings.dns.servers.empty() ? Contents("/etc/resolv.conf") : "";
  return {settings.dns, settings.tls, settings.network,
          std::hash<std::string>()(trusted + '\0' + resolvers)};
}

std::string UserAgent(const Settings& settings) {
  if (!settings.network.user_agent.empty()) return settings.network.user_agent;
  return "matrix-federation-exporter/" MATRIX_FEDERATION_EXPORTER_VERSION;
}

NetworkStack::NetworkStack(boost::asio::any_io_executor executor, const Settings& settings,
                           std::unique_ptr<net::CaresDnsClient> dns,
                           std::unique_ptr<matrix_federation::CertificateVerifier> certificates)
    : dns_(std::move(dns)),
      certificates_(std::move(certificates)),
      web_(executor, UserAgent(settings), MinTlsVersion(settings.tls)),
      federation_(executor, UserAgent(settings), MinTlsVersion(settings.tls)),
      dice_(NewDice()) {
  options_.use_ipv4 = Has(settings.network.ip_versions, 4);
  options_.use_ipv6 = Has(settings.network.ip_versions, 6);
  for (const std::string& range : settings.network.deny) options_.deny.Add(range);
}

std::unique_ptr<NetworkStack> NetworkStack::Create(boost::asio::any_io_executor executor,
                                                   const Settings& settings,
                                                   net::CaresDnsClient::Observer dns_observer,
                                                   std::string& error) {
  auto certificates = matrix_federation::CertificateVerifier::Create(settings.tls.ca_file, error);
  if (!certificates) {
    error = "tls.ca_file: " + error;
    return nullptr;
  }
  const net::DnsClientOptions dns_options{.servers = settings.dns.servers,
                                          .timeout = settings.dns.timeout,
                                          .attempts = settings.dns.attempts};
  auto dns = net::CaresDnsClient::Create(executor, dns_options, std::move(dns_observer), error);
  if (!dns) return nullptr;
  return std::unique_ptr<NetworkStack>(
      new NetworkStack(std::move(executor), settings, std::move(dns), std::move(certificates)));
}

matrix_federation::World NetworkStack::world() {
  return {*dns_,          web_,         federation_,
          *certificates_, kSystemClock, [this](std::uint32_t bound) { return dice_(bound); }};
}

matrix_federation::ProbeOptions NetworkStack::OptionsFor(const Homeserver& server) const {
  matrix_federation::ProbeOptions options = options_;
  options.timeout = server.probe.timeout;
  options.retries = server.probe.retries;
  options.expected = server.expect;
  return options;
}

}  // namespace exporter
