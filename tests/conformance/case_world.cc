#include "conformance/case_world.h"

#include <chrono>
#include <ctime>
#include <iomanip>
#include <memory>
#include <sstream>

#include "fakes/certificates.h"
#include "fakes/signing_key.h"
#include "fakes/tls.h"

namespace conformance {
namespace {

namespace mf = matrix_federation;
namespace fakes = matrix_federation::fakes;

constexpr const char* kUnknownPath = R"({"errcode":"M_UNRECOGNIZED"})";

mf::DnsType TypeOf(const std::string& word) {
  if (word == "SRV") return mf::DnsType::kSrv;
  return word == "A" ? mf::DnsType::kA : mf::DnsType::kAaaa;
}

mf::DnsStatus StatusOf(const std::string& word) {
  if (word == "SERVFAIL") return mf::DnsStatus::kServfail;
  return word == "TIMEOUT" ? mf::DnsStatus::kTimeout : mf::DnsStatus::kNodata;
}

mf::SystemSeconds TimeOf(const YAML::Node& node) {
  std::istringstream text(node.as<std::string>());
  std::tm fields{};
  text >> std::get_time(&fields, "%Y-%m-%dT%H:%M:%SZ");
  return mf::SystemSeconds{std::chrono::seconds{timegm(&fields)}};
}

mf::CertificateChain ChainOf(const YAML::Node& cert) {
  fakes::CertificateRequest request{.dns_names = TextsOf(cert["dns"]),
                                    .ip_addresses = TextsOf(cert["ip"])};
  if (cert["cn"]) request.common_name = cert["cn"].as<std::string>();
  if (cert["not_before"]) request.not_before = TimeOf(cert["not_before"]);
  if (cert["not_after"]) request.not_after = TimeOf(cert["not_after"]);
  const std::string issuer = cert["issuer"] ? cert["issuer"].as<std::string>() : "public_ca";
  if (issuer == "self") return {fakes::Identity::SelfSigned(request).certificate()};
  static const fakes::PublicCa private_ca;
  auto chain = (issuer == "private_ca" ? private_ca : fakes::TestCa()).Chain(request);
  if (cert["chain"] && cert["chain"].as<std::string>() == "missing_intermediate") chain.pop_back();
  return chain;
}

std::string BodyOf(const YAML::Node& route) {
  if (route["body"]) return route["body"].as<std::string>();
  const YAML::Node gen = route["body_gen"];
  if (!gen) return {};
  std::string body = gen["prefix"].as<std::string>();
  for (int i = 0; i < gen["fill_count"].as<int>(); ++i) body += gen["fill"].as<std::string>();
  return body + gen["suffix"].as<std::string>();
}

// One listener of a case; it answers web and federation requests alike.
class Server {
 public:
  Server(YAML::Node entry, std::string server_name)
      : entry_(std::move(entry)), server_name_(std::move(server_name)) {
    if (entry_["behaviour"]) behaviour_ = entry_["behaviour"].as<std::string>();
    if (entry_["cert"]) chain_ = ChainOf(entry_["cert"]);
    for (const auto& choice : entry_["cert_by_sni"]) {
      chain_by_sni_[choice.first.as<std::string>()] = ChainOf(choice.second);
    }
  }

  [[nodiscard]] mf::WebResponse AnswerWeb(const mf::WebRequest& request) const {
    if (behaviour_ == "refuse") return {.error = "connection refused"};
    if (behaviour_ == "blackhole") return {.timed_out = true, .error = "no answer"};
    mf::CertificateChain chain;
    if (request.https) {
      if (FaultOfHandshake(request.host)) return {.stage = mf::WebStage::kTls, .error = "no TLS"};
      chain = ChainFor(request.host);
    }
    if (behaviour_ == "close_after_handshake") {
      return {.stage = mf::WebStage::kResponse,
              .error = "connection closed",
              .tls = fakes::SessionWith(chain)};
    }
    const bool default_port = request.port == (request.https ? 443 : 80);
    const YAML::Node route = RouteTo(
        request.host + (default_port ? "" : ":" + std::to_string(request.port)), request.target);
    if (!route["status"]) return fakes::Respond(404, kUnknownPath, chain);
    auto response = fakes::Respond(route["status"].as<int>(), BodyOf(route), chain);
    if (const YAML::Node location = At(route, "headers.Location")) {
      response.location = location.as<std::string>();
    }
    return response;
  }

  [[nodiscard]] mf::KnockResult AnswerFederation(const mf::Endpoint& endpoint) const {
    if (behaviour_ == "refuse") return fakes::ConnectFailure(mf::Reason::kConnectRefused);
    if (behaviour_ == "blackhole") return fakes::ConnectFailure(mf::Reason::kConnectTimeout);
    if (const auto fault = FaultOfHandshake(endpoint.sni)) return fakes::HandshakeFailure(*fault);
    const mf::CertificateChain chain = ChainFor(endpoint.sni);
    if (behaviour_ == "close_after_handshake") {
      return fakes::Answered(chain, fakes::NoAnswer(mf::Reason::kHttpNoResponse), {});
    }
    const YAML::Node route = RouteTo(endpoint.host_header, std::nullopt);
    if (!route["federation"]) {
      return fakes::Answered(chain, fakes::JsonAnswer(404, kUnknownPath),
                             fakes::JsonAnswer(404, kUnknownPath));
    }
    const bool keys_only = route["federation"].as<std::string>() == "keys_only";
    return fakes::Answered(
        chain, fakes::JsonAnswer(200, fakes::KeysDocument(server_name_)),
        keys_only ? fakes::JsonAnswer(404, kUnknownPath) : fakes::SynapseVersion());
  }

 private:
  // The first route for this Host and, for documents, this path; undefined when there is none.
  [[nodiscard]] YAML::Node RouteTo(const std::string& host,
                                   const std::optional<std::string>& path) const {
    for (const YAML::Node& route : entry_["http"]) {
      if (route["host"].as<std::string>() != host) continue;
      const bool is_document = route["path"].IsDefined();
      if (is_document != path.has_value()) continue;
      if (!path || route["path"].as<std::string>() == *path) return route;
    }
    return YAML::Node(YAML::NodeType::Map);
  }

  [[nodiscard]] std::optional<mf::Reason> FaultOfHandshake(
      const std::optional<std::string>& sni) const {
    if (behaviour_ == "plain_http" || behaviour_ == "reset_in_handshake") {
      return mf::Reason::kTlsHandshakeFailed;
    }
    if (entry_["sni_forbidden"] && sni) return mf::Reason::kTlsHandshakeFailed;
    const YAML::Node newest = At(entry_, "tls.max");
    if (newest && newest.as<double>() < 1.2) return mf::Reason::kTlsProtocolVersion;
    if (entry_["client_cert"] && entry_["client_cert"].as<std::string>() == "required") {
      return mf::Reason::kTlsClientCertRequired;
    }
    return std::nullopt;
  }

  [[nodiscard]] mf::CertificateChain ChainFor(const std::optional<std::string>& sni) const {
    if (chain_by_sni_.empty()) return chain_;
    const auto chosen = chain_by_sni_.find(sni.value_or("default"));
    return chosen == chain_by_sni_.end() ? chain_by_sni_.at("default") : chosen->second;
  }

  YAML::Node entry_;
  std::string server_name_;
  std::string behaviour_;
  mf::CertificateChain chain_;
  std::map<std::string, mf::CertificateChain> chain_by_sni_;
};

}  // namespace

CaseWorld::CaseWorld(const Case& each)
    : server_name_(each.input["server_name"].as<std::string>()), fakes_(NowOf(each)) {
  FillDns(each.input["dns"]);
  FillServers(each.input["servers"]);
}

mf::Report CaseWorld::Probe() { return fakes_.Probe(server_name_); }

void CaseWorld::FillDns(const YAML::Node& dns) {
  for (const auto& entry : dns) {
    const auto name = entry.first.as<std::string>();
    const YAML::Node& sets = entry.second;
    fakes_.dns.AddName(name);
    if (sets["CNAME"]) fakes_.dns.AddAlias(name, sets["CNAME"].as<std::string>());
    for (const char* type : {"A", "AAAA"}) {
      for (const std::string& ip : TextsOf(sets[type])) fakes_.dns.AddAddress(name, ip);
    }
    for (const YAML::Node& record : sets["SRV"]) {
      fakes_.dns.AddService(name, {.priority = record["priority"].as<std::uint16_t>(),
                                   .weight = record["weight"].as<std::uint16_t>(),
                                   .port = record["port"].as<std::uint16_t>(),
                                   .target = record["target"].as<std::string>()});
    }
    for (const auto& error : sets["errors"]) {
      fakes_.dns.Fail(name, TypeOf(error.first.as<std::string>()),
                      StatusOf(error.second.as<std::string>()));
    }
  }
}

void CaseWorld::FillServers(const YAML::Node& servers) {
  for (const YAML::Node& entry : servers) {
    const auto server = std::make_shared<const Server>(entry, server_name_);
    const auto address = entry["listen"].as<std::string>();
    fakes_.web.Listen(address,
                      [server](const auto& request) { return server->AnswerWeb(request); });
    fakes_.federation.Listen(address, [server](const auto& endpoint, int) {
      return server->AnswerFederation(endpoint);
    });
  }
}

}  // namespace conformance
