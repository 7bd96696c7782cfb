#include "exporter/healthcheck_command.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>

#include "exporter/web_config.h"
#include "web/address.h"

namespace exporter {
namespace {

// For all addresses together; container engines have a time-out of their own, which is longer.
constexpr std::chrono::seconds kHealthcheckTimeout{5};

// As it stands in a URL.
std::string HostOf(const web::Address& address) {
  if (!address.ip || *address.ip == boost::asio::ip::address_v4::any()) return "127.0.0.1";
  if (*address.ip == boost::asio::ip::address_v6::any()) return "[::1]";
  std::string host = address.ip->to_string();
  if (const auto zone = host.find('%'); zone != std::string::npos) host.insert(zone + 1, "25");
  return address.ip->is_v6() ? "[" + host + "]" : host;
}

std::string Meaning(long status) {
  if (status == 503) return ": a probe loop shows no sign of life";
  if (status == 401)
    return ": it wants a password; ask a --web.health-listen-address, which does not";
  return "";
}

// Nothing when the daemon says that it is healthy, else what is wrong.
std::string Ask(const std::string& url, std::chrono::milliseconds within) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(within.count()));
  // The address is our own, and the name in the certificate is for those who come from outside.
  curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK) {
    return curl_easy_strerror(code);
  }
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return status == 200 ? "" : "answered " + std::to_string(status) + Meaning(status);
}

// Whether the daemon has TLS, unless it has an address without. False when that cannot be known.
bool FindTls(const CommandLine& line, bool& has_tls) {
  if (line.web_config_file.empty() || !line.health_listen_addresses.empty()) return true;
  const auto web = LoadWebConfig(line.web_config_file);
  for (const std::string& mistake : web.mistakes) std::cerr << mistake << "\n";
  has_tls = web.protection && web.protection->tls;
  return web.protection != nullptr;
}

}  // namespace

std::vector<std::string> HealthUrls(const CommandLine& line, bool has_tls, std::string& error) {
  const bool apart = !line.health_listen_addresses.empty();
  auto addresses = apart ? line.health_listen_addresses : line.listen_addresses;
  if (addresses.empty()) addresses.emplace_back(kDefaultListenAddress);
  const std::string scheme = !apart && has_tls ? "https://" : "http://";
  const std::string path = (apart ? "" : RoutePrefix(line)) + "/-/healthy";
  std::vector<std::string> urls;
  for (const std::string& text : addresses) {
    const auto address = web::ParseAddress(text, error);
    if (!address || address->port == 0) {
      error = (apart ? "--web.health-listen-address: " : "--web.listen-address: ") + text + ": " +
              (address ? "with port 0 nobody knows where the daemon listens" : error);
      return {};
    }
    urls.push_back(scheme + HostOf(*address) + ":" + std::to_string(address->port) + path);
  }
  return urls;
}

int RunHealthcheck(const CommandLine& line) {
  bool has_tls = false;
  if (!FindTls(line, has_tls)) return 1;
  std::string error;
  const auto urls = HealthUrls(line, has_tls, error);
  if (urls.empty()) {
    std::cerr << error << "\n";
    return 1;
  }
  const auto deadline = std::chrono::steady_clock::now() + kHealthcheckTimeout;
  for (const std::string& url : urls) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const std::string problem = Ask(url, std::max(left, std::chrono::milliseconds(1)));
    if (problem.empty()) continue;
    std::cerr << url << ": " << problem << "\n";
    return 1;
  }
  std::cout << "healthy\n";
  return 0;
}

}  // namespace exporter
