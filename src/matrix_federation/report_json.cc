#include <nlohmann/json.hpp>

#include "matrix_federation/report.h"
#include "text.h"

namespace matrix_federation {
namespace {

using Json = nlohmann::ordered_json;

double Seconds(Duration duration) {
  return std::chrono::duration<double>(std::chrono::round<std::chrono::microseconds>(duration))
      .count();
}

std::string Time(SystemTime time) {
  return ToRfc3339(std::chrono::floor<std::chrono::milliseconds>(time));
}

Json ReasonOrNull(const Failure* failure) {
  return failure == nullptr ? Json(nullptr) : Json(Word(failure->reason));
}
Json ReasonOrNull(const MaybeFailure& failure) {
  return ReasonOrNull(failure ? &*failure : nullptr);
}
Json DetailOrNull(const Failure* failure) {
  return failure == nullptr ? Json(nullptr) : Json(failure->detail);
}
template <typename T>
Json ValueOrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json CertificateJson(const CertificateFacts& facts, std::size_t position) {
  return {{"position", position},
          {"subject_cn", facts.subject_cn.empty() ? Json(nullptr) : Json(facts.subject_cn)},
          {"issuer_cn", facts.issuer_cn.empty() ? Json(nullptr) : Json(facts.issuer_cn)},
          {"dns_names", facts.dns_names},
          {"ip_addresses", facts.ip_addresses},
          {"serial_number", facts.serial_number},
          {"fingerprint_sha256", facts.fingerprint_sha256},
          {"not_before", ToRfc3339(facts.not_before)},
          {"not_after", ToRfc3339(facts.not_after)}};
}

Json TlsJson(const std::optional<TlsObservation>& tls) {
  if (!tls) return nullptr;
  Json certificates = Json::array();
  if (tls->chain) {
    for (const CertificateFacts& facts : tls->chain->certificates) {
      certificates.push_back(CertificateJson(facts, certificates.size()));
    }
  }
  const Failure* failure = tls->failure();
  return {{"version", tls->version},
          {"cipher", tls->cipher},
          {"verified", tls->chain && failure == nullptr},
          {"reason", ReasonOrNull(failure)},
          {"certificates", std::move(certificates)}};
}

std::string_view OutcomeOf(const WellKnownObservation& lookup) {
  if (!lookup.attempted) return "skipped";
  return lookup.failure ? "error" : "ok";
}

Json WellKnownJson(const WellKnownObservation& lookup) {
  Json json = {{"attempted", lookup.attempted},
               {"outcome", OutcomeOf(lookup)},
               {"reason", ReasonOrNull(lookup.failure)}};
  if (!lookup.attempted) return json;
  Json addresses = Json::array();
  // Where every address of the host was asked, that says more than those of the last hop.
  for (const WellKnownAddress& each : lookup.answers.empty() ? lookup.addresses : lookup.answers) {
    addresses.push_back(
        {{"address", each.address.ToString()},
         {"ok", !each.m_server.empty()},
         {"reason", ReasonOrNull(each.failure)},
         {"m_server", each.m_server.empty() ? Json(nullptr) : Json(each.m_server)}});
  }
  json["detail"] = DetailOrNull(lookup.failure ? &*lookup.failure : nullptr);
  json["url"] = lookup.url;
  json["final_url"] = lookup.final_url;
  json["status"] = ValueOrNull(lookup.status);
  json["redirects"] = lookup.redirects;
  json["m_server"] = lookup.delegated ? Json(lookup.delegated->text()) : Json(nullptr);
  json["cache_lifetime_seconds"] =
      lookup.cache_lifetime ? Json(lookup.cache_lifetime->count()) : Json(nullptr);
  json["addresses"] = std::move(addresses);
  json["tls"] = TlsJson(lookup.tls);
  return json;
}

Json ServicesJson(const std::vector<SrvObservation>& services) {
  Json queries = Json::array();
  for (const SrvObservation& query : services) {
    Json records = Json::array();
    for (const SrvRecord& record : query.records) {
      records.push_back({{"priority", record.priority},
                         {"weight", record.weight},
                         {"port", record.port},
                         {"target", record.target}});
    }
    queries.push_back(
        {{"name", query.name}, {"outcome", Word(query.status)}, {"records", std::move(records)}});
  }
  return queries;
}

Json HostsJson(const std::vector<HostObservation>& hosts) {
  Json json = Json::array();
  for (const HostObservation& each : hosts) {
    Json addresses = Json::array();
    for (const IpAddress& address : each.addresses) addresses.push_back(address.ToString());
    const Failure* failure = each.failure ? &*each.failure : nullptr;
    json.push_back({{"host", each.host},
                    {"is_alias", each.is_alias},
                    {"addresses", std::move(addresses)},
                    {"reason", ReasonOrNull(failure)},
                    {"detail", DetailOrNull(failure)}});
  }
  return json;
}

Json DiscoveryJson(const Observation& seen) {
  Json json = Json::object();
  if (seen.destination) {
    const Destination& to = *seen.destination;
    json["step"] = Word(to.step);
    json["host"] = to.host;
    // An SRV record was found or expected, but named no port to go to.
    json["port"] = to.port == 0 ? Json(nullptr) : Json(to.port);
    json["host_header"] = to.host_header;
    json["sni"] = ValueOrNull(to.sni);
    json["cert_name"] = {
        {"type", to.certificate_name.type == CertificateName::Type::kIp ? "ip" : "dns"},
        {"value", to.certificate_name.value}};
  }
  json["well_known"] = WellKnownJson(seen.well_known);
  json["srv"] = ServicesJson(seen.services);
  if (!seen.hosts.empty()) {
    json["hosts"] = HostsJson(seen.hosts);
    json["dns_seconds"] = Seconds(seen.dns_duration);
  }
  if (!seen.leftover_services.empty()) {
    json["leftover_srv"] = ServicesJson(seen.leftover_services);
  }
  return json;
}

Json KeysJson(const EndpointObservation& endpoint) {
  if (!endpoint.keys) return nullptr;
  const SigningKeys& keys = *endpoint.keys;
  return {{"ok", keys.ok()},
          {"reason", ReasonOrNull(keys.failure())},
          {"detail", DetailOrNull(keys.failure())},
          {"status", ValueOrNull(endpoint.keys_status)},
          {"seconds", Seconds(endpoint.keys_duration)},
          {"server_name",
           keys.server_name.empty() ? Json(nullptr) : Json(ToPrintable(keys.server_name, 255))},
          {"valid_until", keys.valid_until ? Json(Time(*keys.valid_until)) : Json(nullptr)},
          {"verified_key_ids", keys.verified_key_ids},
          {"old_key_ids", keys.old_key_ids}};
}

Json VersionJson(const EndpointObservation& endpoint) {
  if (!endpoint.version) return nullptr;
  const ServerVersion& version = *endpoint.version;
  return {{"ok", version.ok()},
          {"reason", ReasonOrNull(version.failure)},
          {"status", ValueOrNull(endpoint.version_status)},
          {"seconds", Seconds(endpoint.version_duration)},
          {"name", ValueOrNull(version.name)},
          {"version", ValueOrNull(version.version)}};
}

Json EndpointJson(const EndpointObservation& endpoint) {
  const Failure* failure = EndpointFailure(endpoint);
  return {{"address", endpoint.address.ToString()},
          {"ip_version", endpoint.address.ip.version()},
          {"ok", failure == nullptr},
          {"reason", ReasonOrNull(failure)},
          {"detail", DetailOrNull(failure)},
          {"attempts", endpoint.attempts},
          {"connect_seconds",
           endpoint.connect ? Json(nullptr) : Json(Seconds(endpoint.connect_duration))},
          {"tls_seconds", endpoint.tls ? Json(Seconds(endpoint.tls_duration)) : Json(nullptr)},
          {"clock_offset_seconds", ValueOrNull(endpoint.clock_offset_seconds)},
          {"tls", TlsJson(endpoint.tls)},
          {"keys", KeysJson(endpoint)},
          {"version", VersionJson(endpoint)}};
}

Json ChecksJson(const std::vector<CheckResult>& results) {
  Json checks = Json::array();
  for (const CheckResult& result : results) {
    const bool failed = result.verdict.status == Status::kFail;
    checks.push_back({{"name", result.check->name},
                      {"status", Word(result.verdict.status)},
                      {"severity", Word(result.check->severity)},
                      {"reason", failed ? Json(result.verdict.code) : Json(nullptr)},
                      {"detail", failed ? Json(result.verdict.detail) : Json(nullptr)},
                      {"spec", result.check->citation}});
  }
  return checks;
}

}  // namespace

std::string ToJson(const Report& report) {
  const Observation& seen = report.observation;
  Json warnings = Json::array();
  for (const Finding& finding : report.warnings) {
    warnings.push_back({{"code", Word(finding.warning)}, {"detail", finding.detail}});
  }
  Json endpoints = Json::array();
  for (const EndpointObservation& endpoint : seen.endpoints) {
    endpoints.push_back(EndpointJson(endpoint));
  }
  Json json = {{"server_name", seen.queried_name},
               {"checked_at", Time(seen.started_at)},
               {"duration_seconds", Seconds(seen.duration)},
               {"federation_ok", report.federation_ok},
               {"all_addresses_ok", report.all_addresses_ok},
               {"reason", report.root_cause ? Json(report.root_cause->reason) : Json(nullptr)},
               {"detail", report.root_cause ? Json(report.root_cause->detail) : Json(nullptr)},
               {"warnings", std::move(warnings)},
               {"discovery", DiscoveryJson(seen)},
               {"endpoints", std::move(endpoints)}};
  if (seen.endpoints_truncated != 0) json["endpoints_truncated"] = seen.endpoints_truncated;
  json["checks"] = ChecksJson(report.checks);
  // Whatever came from outside was made printable; a name on the command line may still be any
  // bytes.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace matrix_federation
