#include "matrix_federation/json_writer.h"
#include "matrix_federation/limits.h"
#include "matrix_federation/report.h"
#include "text.h"

namespace matrix_federation {
namespace {

double Seconds(Duration duration) {
  return std::chrono::duration<double>(std::chrono::round<std::chrono::microseconds>(duration))
      .count();
}

std::string Time(SystemTime time) {
  return ToRfc3339(std::chrono::floor<std::chrono::milliseconds>(time));
}

// The words of the report's grammar: every face of a failure, and what is null when it is missing.

void WriteReason(JsonWriter& json, const Failure* failure) {
  json.Key("reason");
  failure == nullptr ? json.Value(nullptr) : json.Value(Word(failure->reason));
}
void WriteReason(JsonWriter& json, const MaybeFailure& failure) {
  WriteReason(json, failure ? &*failure : nullptr);
}

void WriteDetail(JsonWriter& json, const Failure* failure) {
  json.Key("detail");
  failure == nullptr ? json.Value(nullptr) : json.Value(failure->detail);
}

void WriteTextOrNull(JsonWriter& json, std::string_view key, std::string_view text) {
  json.Key(key);
  text.empty() ? json.Value(nullptr) : json.Value(text);
}

void WriteSecondsUnless(bool absent, JsonWriter& json, std::string_view key, Duration duration) {
  json.Key(key);
  absent ? json.Value(nullptr) : json.Value(Seconds(duration));
}

void WriteList(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.Key(key);
  json.Array([&] {
    for (const std::string& text : texts) json.Value(text);
  });
}

void WriteCertificate(JsonWriter& json, const CertificateFacts& facts, std::size_t position) {
  json.Object([&] {
    json.Member("position", position);
    WriteTextOrNull(json, "subject_cn", facts.subject_cn);
    WriteTextOrNull(json, "issuer_cn", facts.issuer_cn);
    WriteList(json, "dns_names", facts.dns_names);
    WriteList(json, "ip_addresses", facts.ip_addresses);
    json.Member("serial_number", facts.serial_number);
    json.Member("fingerprint_sha256", facts.fingerprint_sha256);
    json.Member("not_before", ToRfc3339(facts.not_before));
    json.Member("not_after", ToRfc3339(facts.not_after));
  });
}

void WriteTls(JsonWriter& json, const std::optional<TlsObservation>& tls) {
  json.Key("tls");
  if (!tls) return json.Value(nullptr);
  const Failure* failure = tls->failure();
  json.Object([&] {
    json.Member("version", tls->version);
    json.Member("cipher", tls->cipher);
    json.Member("verified", tls->chain && failure == nullptr);
    WriteReason(json, failure);
    json.Key("certificates");
    json.Array([&] {
      if (!tls->chain) return;
      const auto& certificates = tls->chain->certificates;
      for (std::size_t i = 0; i < certificates.size(); ++i)
        WriteCertificate(json, certificates[i], i);
    });
  });
}

std::string_view OutcomeOf(const WellKnownObservation& lookup) {
  if (!lookup.attempted) return "skipped";
  return lookup.failure ? "error" : "ok";
}

void WriteWellKnownAddresses(JsonWriter& json, const WellKnownObservation& lookup) {
  json.Key("addresses");
  json.Array([&] {
    // Where every address of the host was asked, that says more than those of the last hop.
    for (const auto& each : lookup.answers.empty() ? lookup.addresses : lookup.answers) {
      json.Object([&] {
        json.Member("address", each.address.ToString());
        json.Member("ok", !each.m_server.empty());
        json.Member("attempts", each.attempts);
        WriteReason(json, each.failure);
        WriteTextOrNull(json, "m_server", each.m_server);
      });
    }
  });
}

void WriteWellKnown(JsonWriter& json, const WellKnownObservation& lookup) {
  json.Key("well_known");
  json.Object([&] {
    json.Member("attempted", lookup.attempted);
    json.Member("outcome", OutcomeOf(lookup));
    WriteReason(json, lookup.failure);
    if (!lookup.attempted) return;
    WriteDetail(json, lookup.failure ? &*lookup.failure : nullptr);
    json.Member("attempts", lookup.attempts);
    json.Member("dns_attempts", lookup.dns_attempts);
    json.Member("url", lookup.url);
    json.Member("final_url", lookup.final_url);
    json.Member("status", lookup.status);
    json.Member("redirects", lookup.redirects);
    WriteTextOrNull(json, "m_server", lookup.delegated ? lookup.delegated->text() : "");
    json.Key("cache_lifetime_seconds");
    lookup.cache_lifetime ? json.Value(lookup.cache_lifetime->count()) : json.Value(nullptr);
    WriteWellKnownAddresses(json, lookup);
    WriteTls(json, lookup.tls);
  });
}

void WriteServices(JsonWriter& json, std::string_view key,
                   const std::vector<SrvObservation>& services) {
  json.Key(key);
  json.Array([&] {
    for (const SrvObservation& query : services) {
      json.Object([&] {
        json.Member("name", query.name);
        json.Member("outcome", Word(query.status));
        json.Member("attempts", query.attempts);
        json.Key("records");
        json.Array([&] {
          for (const SrvRecord& record : query.records) {
            json.Object([&] {
              json.Member("priority", record.priority);
              json.Member("weight", record.weight);
              json.Member("port", record.port);
              json.Member("target", record.target);
            });
          }
        });
      });
    }
  });
}

void WriteDestinationMembers(JsonWriter& json, const Destination& to) {
  json.Member("step", Word(to.step));
  json.Member("host", to.host);
  json.Key("port");
  // An SRV record was found or expected, but named no port to go to.
  to.port == 0 ? json.Value(nullptr) : json.Value(to.port);
  json.Member("host_header", to.host_header);
  json.Member("sni", to.sni);
  json.Key("cert_name");
  json.Object([&] {
    json.Member("type", to.certificate_name.type == CertificateName::Type::kIp ? "ip" : "dns");
    json.Member("value", to.certificate_name.value);
  });
}

void WriteHosts(JsonWriter& json, const Observation& seen) {
  json.Key("hosts");
  json.Array([&] {
    for (const HostObservation& each : seen.hosts) {
      std::vector<std::string> addresses;
      for (const IpAddress& address : each.addresses) addresses.push_back(address.ToString());
      json.Object([&] {
        json.Member("host", each.host);
        json.Member("is_alias", each.is_alias);
        json.Member("attempts", each.attempts);
        WriteList(json, "addresses", addresses);
        WriteReason(json, each.failure);
        WriteDetail(json, each.failure ? &*each.failure : nullptr);
      });
    }
  });
  json.Member("dns_seconds", Seconds(seen.dns_duration));
}

void WriteDiscovery(JsonWriter& json, const Observation& seen) {
  json.Key("discovery");
  json.Object([&] {
    if (seen.destination) WriteDestinationMembers(json, *seen.destination);
    WriteWellKnown(json, seen.well_known);
    WriteServices(json, "srv", seen.services);
    if (!seen.leftover_services.empty())
      WriteServices(json, "leftover_srv", seen.leftover_services);
    if (!seen.hosts.empty()) WriteHosts(json, seen);
  });
}

void WriteKeys(JsonWriter& json, const EndpointObservation& endpoint) {
  json.Key("keys");
  if (!endpoint.keys) return json.Value(nullptr);
  const SigningKeys& keys = *endpoint.keys;
  json.Object([&] {
    json.Member("ok", keys.ok());
    WriteReason(json, keys.failure());
    WriteDetail(json, keys.failure());
    json.Member("status", endpoint.keys_status);
    json.Member("seconds", Seconds(endpoint.keys_duration));
    WriteTextOrNull(json, "server_name", ToPrintable(keys.server_name, kServerNameLengthMax));
    WriteTextOrNull(json, "valid_until", keys.valid_until ? Time(*keys.valid_until) : "");
    WriteList(json, "verified_key_ids", keys.verified_key_ids);
    WriteList(json, "old_key_ids", keys.old_key_ids);
  });
}

void WriteVersion(JsonWriter& json, const EndpointObservation& endpoint) {
  json.Key("version");
  if (!endpoint.version) return json.Value(nullptr);
  const ServerVersion& version = *endpoint.version;
  json.Object([&] {
    json.Member("ok", version.ok());
    WriteReason(json, version.failure);
    json.Member("status", endpoint.version_status);
    json.Member("seconds", Seconds(endpoint.version_duration));
    json.Member("name", version.name);
    json.Member("version", version.version);
  });
}

void WriteEndpoint(JsonWriter& json, const EndpointObservation& endpoint) {
  const Failure* failure = EndpointFailure(endpoint);
  json.Object([&] {
    json.Member("address", endpoint.address.ToString());
    json.Member("ip_version", endpoint.address.ip.network_version());
    json.Member("ok", failure == nullptr);
    WriteReason(json, failure);
    WriteDetail(json, failure);
    json.Member("attempts", endpoint.attempts);
    WriteSecondsUnless(endpoint.connect.has_value(), json, "connect_seconds",
                       endpoint.connect_duration);
    WriteSecondsUnless(!endpoint.tls, json, "tls_seconds", endpoint.tls_duration);
    json.Member("clock_offset_seconds", endpoint.clock_offset_seconds);
    WriteTls(json, endpoint.tls);
    WriteKeys(json, endpoint);
    WriteVersion(json, endpoint);
  });
}

void WriteChecks(JsonWriter& json, const std::vector<CheckResult>& results) {
  json.Key("checks");
  json.Array([&] {
    for (const CheckResult& result : results) {
      const bool failed = result.verdict.status == Status::kFail;
      json.Object([&] {
        json.Member("name", result.check->name);
        json.Member("status", Word(result.verdict.status));
        json.Member("severity", Word(result.check->severity));
        json.Key("reason");
        failed ? json.Value(result.verdict.code) : json.Value(nullptr);
        json.Key("detail");
        failed ? json.Value(result.verdict.detail) : json.Value(nullptr);
        json.Member("spec", result.check->citation);
      });
    }
  });
}

void WriteVerdicts(JsonWriter& json, const Report& report) {
  const auto& cause = report.root_cause;
  json.Member("federation_ok", report.federation_ok);
  json.Member("all_addresses_ok", report.all_addresses_ok);
  json.Key("reason");
  cause ? json.Value(cause->reason) : json.Value(nullptr);
  json.Key("detail");
  cause ? json.Value(cause->detail) : json.Value(nullptr);
  json.Key("warnings");
  json.Array([&] {
    for (const Finding& finding : report.warnings) {
      json.Object([&] {
        json.Member("code", Word(finding.warning));
        json.Member("detail", finding.detail);
      });
    }
  });
}

}  // namespace

std::string ToJson(const Report& report) {
  const Observation& seen = report.observation;
  std::string text;
  JsonWriter json(text);
  json.Object([&] {
    json.Member("server_name", seen.queried_name);
    json.Member("checked_at", Time(seen.started_at));
    json.Member("duration_seconds", Seconds(seen.duration));
    WriteVerdicts(json, report);
    WriteDiscovery(json, seen);
    json.Key("endpoints");
    json.Array([&] {
      for (const EndpointObservation& endpoint : seen.endpoints) WriteEndpoint(json, endpoint);
    });
    if (seen.endpoints_truncated != 0) {
      json.Member("endpoints_truncated", seen.endpoints_truncated);
    }
    WriteChecks(json, report.checks);
  });
  return text;
}

}  // namespace matrix_federation
