#include "exporter/metrics.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "exporter/exposition_text.h"
#include "exporter/instruments.h"
#include "exporter/report_facts.h"
#include "matrix_federation/label.h"

namespace exporter {
namespace {

using matrix_federation::CertificateFacts;
using matrix_federation::ChainAssessment;
using matrix_federation::DnsStatus;
using matrix_federation::Duration;
using matrix_federation::EndpointObservation;
using matrix_federation::EndpointWorks;
using matrix_federation::Observation;
using matrix_federation::SigningKeys;
using matrix_federation::Status;
using matrix_federation::Step;
using matrix_federation::SystemTime;
using matrix_federation::ToLabel;

constexpr std::array kRoles = {Role::kFederation, Role::kWellKnown};

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double Seconds(Milliseconds duration) { return std::chrono::duration<double>(duration).count(); }

const Observation& Seen(const ServerView& view) { return view.report->observation; }

// The chains to show for a role: the last ones seen, unless that is too long ago.
std::span<const std::shared_ptr<const ChainAssessment>> Chains(const ServerView& view, Role role) {
  const SeenCertificates& seen = view.history.certificates[static_cast<std::size_t>(role)];
  if (view.finished_at - seen.seen_at > view.server.probe.stale_after) return {};
  return seen.chains;
}

void TargetInfo(const ServerView& view, Samples& samples) {
  samples.AddInfo({view.server.group}, view.server.labels);
}

void ProbeFailureInfo(const ServerView& view, Samples& samples) {
  if (const auto& cause = view.report->root_cause) {
    samples.Add(1, {cause->check->name, cause->reason});
  }
}

void CheckSuccess(const ServerView& view, Samples& samples) {
  for (const auto& [check, verdict] : view.report->checks) {
    if (verdict.status == Status::kPass || verdict.status == Status::kFail) {
      samples.Add(verdict.status == Status::kPass ? 1 : 0, {check->name});
    }
  }
}

void WarningInfo(const ServerView& view, Samples& samples) {
  for (const auto& finding : view.report->warnings) samples.Add(1, {Word(finding.warning)});
}

void PhaseDurations(const ServerView& view, Samples& samples) {
  for (const PhaseDuration& phase : PhasesOf(Seen(view))) {
    samples.Add(Seconds(phase.duration), {phase.name});
  }
}

void HttpStatusCode(const ServerView& view, Samples& samples) {
  const Observation& seen = Seen(view);
  if (seen.well_known.status) samples.Add(*seen.well_known.status, {"well_known"});
  const auto add_first = [&](std::string_view endpoint, auto member) {
    for (const EndpointObservation& each : seen.endpoints) {
      if (!(each.*member)) continue;
      samples.Add(*(each.*member), {endpoint});
      return;
    }
  };
  add_first("keys", &EndpointObservation::keys_status);
  add_first("version", &EndpointObservation::version_status);
}

void DiscoveryInfo(const ServerView& view, Samples& samples) {
  const Observation& seen = Seen(view);
  if (!seen.destination || seen.endpoints.empty()) return;
  const auto to = matrix_federation::LastingDestination(seen);
  samples.Add(1, {Word(to.step), MethodOf(to.step), ToLabel(to.host), std::to_string(to.port)});
}

void SrvRecords(const ServerView& view, Samples& samples) {
  for (const auto& query : Seen(view).services) {
    if (query.status != DnsStatus::kFound && query.status != DnsStatus::kNxdomain &&
        query.status != DnsStatus::kNodata) {
      continue;
    }
    samples.Add(static_cast<double>(query.records.size()),
                {query.deprecated ? "_matrix._tcp" : "_matrix-fed._tcp"});
  }
}

void WellKnownCacheLifetime(const ServerView& view, Samples& samples) {
  if (const auto& lifetime = Seen(view).well_known.cache_lifetime) {
    samples.Add(static_cast<double>(lifetime->count()));
  }
}

// Whether the DNS was asked for addresses of that IP version, and answered.
bool IsLookedUp(const ServerView& view, int ip_version) {
  const auto& asked = view.settings.network.ip_versions;
  const auto& hosts = Seen(view).hosts;
  return std::find(asked.begin(), asked.end(), ip_version) != asked.end() && !hosts.empty() &&
         std::none_of(hosts.begin(), hosts.end(), [&](const auto& host) {
           return host.unknown_ip_versions.contains(ip_version);
         });
}

void Addresses(const ServerView& view, Samples& samples, bool only_healthy) {
  for (const int version : {4, 6}) {
    const AddressCount count = CountAddresses(Seen(view), version);
    if (count.all == 0 && !IsLookedUp(view, version)) continue;
    samples.Add(only_healthy ? count.healthy : count.all, {version == 4 ? "4" : "6"});
  }
}

void AddressSuccess(const ServerView& view, Samples& samples) {
  if (!view.settings.metrics.per_address) return;
  for (const EndpointObservation& each : Seen(view).endpoints) {
    samples.Add(EndpointWorks(each) ? 1 : 0,
                {each.address.ip.ToString(), std::to_string(each.address.port),
                 each.address.ip.network_version() == 4 ? "4" : "6"});
  }
}

// The earliest date at each position of the chains, over the addresses.
void CertificateDates(const ServerView& view, Samples& samples,
                      matrix_federation::SystemSeconds CertificateFacts::* date) {
  for (const Role role : kRoles) {
    std::map<std::size_t, matrix_federation::SystemSeconds> earliest;
    for (const auto& chain : Chains(view, role)) {
      for (std::size_t position = 0; position < chain->certificates.size(); ++position) {
        const auto value = chain->certificates[position].*date;
        const auto [found, added] = earliest.emplace(position, value);
        if (!added) found->second = std::min(found->second, value);
      }
    }
    for (const auto& [position, value] : earliest) {
      samples.Add(value, {Word(role), std::to_string(position)});
    }
  }
}

void EarliestExpiry(const ServerView& view, Samples& samples) {
  for (const Role role : kRoles) {
    std::optional<matrix_federation::SystemSeconds> earliest;
    for (const auto& chain : Chains(view, role)) {
      for (const CertificateFacts& facts : chain->certificates) {
        earliest = std::min(earliest.value_or(facts.not_after), facts.not_after);
      }
    }
    if (earliest) samples.Add(*earliest, {Word(role)});
  }
}

void CertificateInfo(const ServerView& view, Samples& samples) {
  for (const Role role : kRoles) {
    std::map<std::pair<std::size_t, std::string_view>, const CertificateFacts*> distinct;
    for (const auto& chain : Chains(view, role)) {
      for (std::size_t position = 0; position < chain->certificates.size(); ++position) {
        const CertificateFacts& facts = chain->certificates[position];
        distinct.emplace(std::pair(position, std::string_view(facts.fingerprint_sha256)), &facts);
      }
    }
    for (const auto& [key, facts] : distinct) {
      samples.Add(1, {Word(role), std::to_string(key.first), ToLabel(facts->subject_cn),
                      ToLabel(facts->issuer_cn), ToLabel(facts->serial_number), key.second});
    }
  }
}

void DistinctLeaves(const ServerView& view, Samples& samples) {
  for (const Role role : kRoles) {
    std::set<std::string_view> leaves;
    for (const auto& chain : Chains(view, role)) {
      leaves.insert(chain->certificates.front().fingerprint_sha256);
    }
    if (!leaves.empty()) samples.Add(static_cast<double>(leaves.size()), {Word(role)});
  }
}

void TlsInfo(const ServerView& view, Samples& samples) {
  std::set<std::pair<std::string_view, std::string_view>> distinct;
  for (const EndpointObservation& each : Seen(view).endpoints) {
    if (each.tls) distinct.emplace(each.tls->version, each.tls->cipher);
  }
  for (const auto& [version, cipher] : distinct) {
    samples.Add(1, {Word(Role::kFederation), version, cipher});
  }
  if (const auto& tls = Seen(view).well_known.tls) {
    samples.Add(1, {Word(Role::kWellKnown), tls->version, tls->cipher});
  }
}

void CertificateChanges(const ServerView& view, Samples& samples) {
  for (const Role role : kRoles) {
    samples.Add(
        static_cast<double>(view.history.certificate_changes[static_cast<std::size_t>(role)]),
        {Word(role)});
  }
}

void ServerInfo(const ServerView& view, Samples& samples) {
  if (const auto* version = FirstVersion(Seen(view))) {
    samples.Add(1, {ToLabel(version->name.value_or("")), ToLabel(*version->version)});
  }
}

const SigningKeys* FirstKeys(const ServerView& view) {
  const auto* endpoint = FirstEndpoint(
      Seen(view), [](const EndpointObservation& each) { return each.keys && !each.keys->served; });
  return endpoint == nullptr ? nullptr : &*endpoint->keys;
}

void SigningKeyCounts(const ServerView& view, Samples& samples) {
  if (const SigningKeys* keys = FirstKeys(view)) {
    samples.Add(static_cast<double>(keys->current.size()), {"current"});
    samples.Add(static_cast<double>(keys->old_key_ids.size()), {"old"});
  }
}

void SigningKeysValidUntil(const ServerView& view, Samples& samples) {
  const SigningKeys* keys = FirstKeys(view);
  if (keys != nullptr && keys->valid_until) samples.Add(SystemTime(*keys->valid_until));
}

void ClockOffset(const ServerView& view, Samples& samples) {
  for (const EndpointObservation& each : Seen(view).endpoints) {
    if (!each.clock_offset_seconds) continue;
    samples.Add(*each.clock_offset_seconds);
    return;
  }
}

// Labels whose values are the program's words, or numbers of a few addresses and certificates.
constexpr std::array<std::string_view, 10> kKnownLabels = {
    "check",  "endpoint", "ip_version", "phase", "position",
    "reason", "record",   "role",       "state", "warning"};

constexpr auto kGauge = MetricType::kGauge;
constexpr auto kCounter = MetricType::kCounter;
constexpr auto kInfo = MetricType::kInfo;
constexpr auto kConfigured = Freshness::kConfigured;
constexpr auto kConfiguredSince = Freshness::kConfiguredSince;
constexpr auto kAlways = Freshness::kAlways;
constexpr auto kFresh = Freshness::kWhileFresh;

// A derivation that needs a finished probe, so that nothing is exported before the first one.
#define PROBED(expression)                                 \
  [](const ServerView& view, Samples& samples) {           \
    if (view.report != nullptr) samples.Add((expression)); \
  }
#define PROBED_BY(function)                              \
  [](const ServerView& view, Samples& samples) {         \
    if (view.report != nullptr) function(view, samples); \
  }
#define CONFIGURED(expression) \
  [](const ServerView& view, Samples& samples) { samples.Add((expression)); }
#define COUNTED(expression) \
  [](const ServerView& view, Samples& samples) { samples.Add(static_cast<double>(expression)); }

// clang-format off
constexpr std::array<MetricDef, kMetricCount> kMetrics = {{
    {"matrix_federation_target_info", kInfo, kConfigured,
     "A configured homeserver, with its group and the labels of the configuration.",
     {"group"}, TargetInfo},
    {"matrix_federation_probe_success", kGauge, kFresh,
     "Whether other homeservers can reach this one, from the last background probe: discovery, TLS and signing keys work on at least one address, and all that its expect demands is so.",
     {}, PROBED(view.report->federation_ok ? 1 : 0)},
    {"matrix_federation_all_addresses_success", kGauge, kFresh,
     "Whether every resolved address works, whatever expect demands.",
     {}, PROBED(view.report->all_addresses_ok ? 1 : 0)},
    {"matrix_federation_probes_total", kCounter, kAlways,
     "Completed probes.",
     {}, COUNTED(view.history.probes)},
    {"matrix_federation_probe_failures_total", kCounter, kAlways,
     "Completed probes after which probe_success was 0.",
     {}, COUNTED(view.history.failures)},
    {"matrix_federation_probe_consecutive_failures", kGauge, kAlways,
     "Failed probes since the last successful one.",
     {}, PROBED(static_cast<double>(view.history.consecutive_failures))},
    {"matrix_federation_probe_duration_seconds", kGauge, kFresh,
     "Duration of the last probe.",
     {}, PROBED(Seconds(Seen(view).duration))},
    {"matrix_federation_probe_interval_seconds", kGauge, kConfiguredSince,
     "How often this homeserver is probed while it works.",
     {}, CONFIGURED(Seconds(view.server.probe.interval))},
    {"matrix_federation_probe_timeout_seconds", kGauge, kConfiguredSince,
     "How long a probe of this homeserver may take.",
     {}, CONFIGURED(Seconds(view.server.probe.timeout))},
    {"matrix_federation_probe_last_timestamp_seconds", kGauge, kAlways,
     "When the last probe ended, in seconds since the Unix epoch.",
     {}, PROBED(view.finished_at)},
    {"matrix_federation_probe_last_success_timestamp_seconds", kGauge, kAlways,
     "When the last successful probe ended, in seconds since the Unix epoch.",
     {}, [](const ServerView& view, Samples& samples) {
       if (view.history.last_success) samples.Add(*view.history.last_success);
     }},
    {"matrix_federation_probe_last_state_change_timestamp_seconds", kGauge, kAlways,
     "Since when federation has been working, or not working, in seconds since the Unix epoch.",
     {}, [](const ServerView& view, Samples& samples) {
       if (view.history.last_state_change) samples.Add(*view.history.last_state_change);
     }},
    {"matrix_federation_probe_failure_info", kInfo, kFresh,
     "The root cause, while probe_success is 0.",
     {"check", "reason"}, PROBED_BY(ProbeFailureInfo)},
    {"matrix_federation_check_success", kGauge, kFresh,
     "Whether a check passed; absent when there was nothing to judge.",
     {"check"}, PROBED_BY(CheckSuccess)},
    {"matrix_federation_warning_info", kInfo, kFresh,
     "A finding that does not stop federation today.",
     {"warning"}, PROBED_BY(WarningInfo)},
    {"matrix_federation_phase_duration_seconds", kGauge, kFresh,
     "Duration of a phase of the last probe, at the slowest address.",
     {"phase"}, PROBED_BY(PhaseDurations)},
    {"matrix_federation_http_status_code", kGauge, kFresh,
     "Last HTTP status at the first address that answered.",
     {"endpoint"}, PROBED_BY(HttpStatusCode)},
    {"matrix_federation_discovery_info", kInfo, kFresh,
     "How discovery ended and where it led; step is the specification's numbering.",
     {"step", "method", "host", "port"}, PROBED_BY(DiscoveryInfo)},
    {"matrix_federation_discovery_changes_total", kCounter, kAlways,
     "Times that discovery led to another destination than before.",
     {}, COUNTED(view.history.discovery_changes)},
    {"matrix_federation_srv_records", kGauge, kFresh,
     "SRV records found, for each name that discovery asked for.",
     {"record"}, PROBED_BY(SrvRecords)},
    {"matrix_federation_well_known_cache_lifetime_seconds", kGauge, kFresh,
     "How long a homeserver caches the answer of the .well-known host.",
     {}, PROBED_BY(WellKnownCacheLifetime)},
    {"matrix_federation_addresses", kGauge, kFresh,
     "Resolved addresses.",
     {"ip_version"}, PROBED_BY([](const ServerView& v, Samples& s) { Addresses(v, s, false); })},
    {"matrix_federation_addresses_healthy", kGauge, kFresh,
     "Resolved addresses that work.",
     {"ip_version"}, PROBED_BY([](const ServerView& v, Samples& s) { Addresses(v, s, true); })},
    {"matrix_federation_address_success", kGauge, kFresh,
     "Whether an address works; only with metrics.per_address.",
     {"ip", "port", "ip_version"}, PROBED_BY(AddressSuccess)},
    {"matrix_federation_tls_certificate_not_after_timestamp_seconds", kGauge, kFresh,
     "End of validity of a presented certificate, whether or not it was accepted; position 0 is the leaf. Earliest over the addresses.",
     {"role", "position"},
     PROBED_BY([](const ServerView& v, Samples& s) { CertificateDates(v, s, &CertificateFacts::not_after); })},
    {"matrix_federation_tls_certificate_not_before_timestamp_seconds", kGauge, kFresh,
     "Start of validity of a presented certificate. Earliest over the addresses.",
     {"role", "position"},
     PROBED_BY([](const ServerView& v, Samples& s) { CertificateDates(v, s, &CertificateFacts::not_before); })},
    {"matrix_federation_tls_earliest_certificate_expiry_timestamp_seconds", kGauge, kFresh,
     "When the first certificate of the presented chains expires.",
     {"role"}, PROBED_BY(EarliestExpiry)},
    {"matrix_federation_tls_certificate_info", kInfo, kFresh,
     "What a presented certificate says of itself.",
     {"role", "position", "subject_cn", "issuer_cn", "serial_number", "fingerprint_sha256"},
     PROBED_BY(CertificateInfo)},
    {"matrix_federation_tls_distinct_leaf_certificates", kGauge, kFresh,
     "Different leaf certificates over the addresses; more than 1: they disagree.",
     {"role"}, PROBED_BY(DistinctLeaves)},
    {"matrix_federation_tls_info", kInfo, kFresh,
     "TLS version and cipher suite that were negotiated.",
     {"role", "version", "cipher"}, PROBED_BY(TlsInfo)},
    {"matrix_federation_tls_certificate_changes_total", kCounter, kAlways,
     "Times that a new leaf certificate appeared.",
     {"role"}, CertificateChanges},
    {"matrix_federation_server_info", kInfo, kFresh,
     "Software and version that the homeserver reports.",
     {"software", "version"}, PROBED_BY(ServerInfo)},
    {"matrix_federation_signing_keys", kGauge, kFresh,
     "Signing keys that the homeserver offers.",
     {"state"}, PROBED_BY(SigningKeyCounts)},
    {"matrix_federation_signing_keys_valid_until_timestamp_seconds", kGauge, kFresh,
     "Until when other homeservers accept the signing keys.",
     {}, PROBED_BY(SigningKeysValidUntil)},
    {"matrix_federation_signing_key_changes_total", kCounter, kAlways,
     "Times that a new signing key appeared.",
     {}, COUNTED(view.history.signing_key_changes)},
    {"matrix_federation_clock_offset_seconds", kGauge, kFresh,
     "The homeserver's Date header minus this machine's clock.",
     {}, PROBED_BY(ClockOffset)},
}};
// clang-format on

#undef PROBED
#undef PROBED_BY
#undef CONFIGURED
#undef COUNTED

namespace rules = metric_rules;
static_assert(rules::All(kMetrics, [](const auto& m) { return rules::IsName(m.name); }));
static_assert(rules::All(kMetrics, [](const auto& m) {
  return m.name.starts_with("matrix_federation_") &&
         !m.name.starts_with("matrix_federation_exporter_");
}));
static_assert(rules::All(kMetrics,
                         [](const auto& m) { return rules::EndsAsItsType(m.name, m.type); }));
static_assert(rules::All(kMetrics,
                         [](const auto& m) { return rules::HasBaseUnit(m.name, m.type); }));
static_assert(rules::All(kMetrics, [](const auto& m) { return rules::IsHelp(m.help); }));
static_assert(rules::All(kMetrics, [](const auto& m) { return rules::AreLabels(m.labels); }));
static_assert(rules::AreDistinct(kMetrics));

}  // namespace

std::span<const MetricDef, kMetricCount> AllMetrics() { return kMetrics; }

bool MetricDef::has_known_labels() const {
  const auto names = label_names();
  return std::all_of(names.begin(), names.end(), [](std::string_view label) {
    return std::find(kKnownLabels.begin(), kKnownLabels.end(), label) != kKnownLabels.end();
  });
}

void Samples::Begin(std::size_t family) {
  const MetricDef& metric = kMetrics.at(family);
  label_names_ = metric.label_names();
  out_.Begin(family, metric.has_known_labels());
}

void Samples::Add(double value, std::initializer_list<std::string_view> values) {
  Open(values);
  Close(value);
}

void Samples::Add(SystemTime time, std::initializer_list<std::string_view> values) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  Add(static_cast<double>(since_epoch.count()) / 1000, values);
}

void Samples::Add(matrix_federation::SystemSeconds time,
                  std::initializer_list<std::string_view> values) {
  Add(static_cast<double>(time.time_since_epoch().count()), values);
}

void Samples::AddInfo(std::initializer_list<std::string_view> values,
                      std::span<const std::pair<std::string, std::string>> further) {
  Open(values);
  for (const auto& [name, value] : further) Label(name, value);
  Close(1);
}

void Samples::Open(std::initializer_list<std::string_view> values) {
  labels_.clear();
  std::size_t i = 0;
  for (const std::string_view value : values) Label(label_names_[i++], value);
}

void Samples::Label(std::string_view name, std::string_view value) {
  labels_.push_back(',');
  labels_ += name;
  labels_ += "=\"";
  AppendEscaped(value, labels_);
  labels_.push_back('"');
}

void Samples::Close(double value) {
  labels_ += "} ";
  value_.clear();
  AppendNumber(value, value_);
  out_.Add(labels_, value_);
}

}  // namespace exporter
