#include "exporter/instruments.h"

#include <algorithm>
#include <stdexcept>

#include "exporter/process_metrics.h"

namespace exporter {
namespace {

using matrix_federation::DnsStatus;
using matrix_federation::DnsType;
using matrix_federation::Duration;
using matrix_federation::EndpointObservation;
using matrix_federation::Observation;
using matrix_federation::Report;
using matrix_federation::Status;
using matrix_federation::SystemTime;

constexpr auto kGauge = MetricType::kGauge;
constexpr auto kCounter = MetricType::kCounter;
constexpr auto kInfo = MetricType::kInfo;
constexpr auto kHistogram = MetricType::kHistogram;

// clang-format off
constexpr std::array kInstruments = {
    InstrumentDef{"matrix_federation_exporter_build_info", kInfo,
                  "Version of this exporter and what it was built from.", {"version", "revision", "compiler"}},
    InstrumentDef{"matrix_federation_exporter_config_last_reload_successful", kGauge,
                  "Whether the last attempt to load the configuration succeeded.", {}},
    InstrumentDef{"matrix_federation_exporter_config_last_reload_success_timestamp_seconds", kGauge,
                  "When the configuration in force was loaded.", {}},
    InstrumentDef{"matrix_federation_exporter_config_hash", kGauge,
                  "Hash of the configuration in force, 48 bits of it.", {}},
    InstrumentDef{"matrix_federation_exporter_targets", kGauge,
                  "Configured homeservers.", {}},
    InstrumentDef{"matrix_federation_exporter_probes_in_flight", kGauge,
                  "Probes under way: those started minus those finished.", {}},
    InstrumentDef{"matrix_federation_exporter_probes_in_flight_max", kGauge,
                  "Probes that may be under way at once (probe.max_in_flight).", {}},
    InstrumentDef{"matrix_federation_exporter_probes_started_total", kCounter,
                  "Probes started, also of homeservers that a reload has removed since.", {}},
    InstrumentDef{"matrix_federation_exporter_probes_finished_total", kCounter,
                  "Probes that came to their end, also of homeservers that a reload has removed since.", {}},
    InstrumentDef{"matrix_federation_exporter_probe_queue_length", kGauge,
                  "Probes that are due and wait for a place.", {}},
    InstrumentDef{"matrix_federation_exporter_probe_lag_seconds", kHistogram,
                  "Start of a probe minus the time at which it was due.", {}},
    InstrumentDef{"matrix_federation_exporter_probes_skipped_total", kCounter,
                  "Probes that were due while the previous one of the same homeserver still ran.", {}},
    InstrumentDef{"matrix_federation_exporter_scheduler_last_tick_timestamp_seconds", kGauge,
                  "When the probe loop last showed that it runs.", {}},
    InstrumentDef{"matrix_federation_exporter_check_failures_total", kCounter,
                  "Failed checks over all homeservers.", {"check", "reason"}},
    InstrumentDef{"matrix_federation_exporter_phase_duration_seconds", kHistogram,
                  "Duration of the phases of probes over all homeservers, at the slowest address.", {"phase"}},
    InstrumentDef{"matrix_federation_exporter_dns_queries_total", kCounter,
                  "DNS questions asked, by how they ended.", {"type", "outcome"}},
    InstrumentDef{"matrix_federation_exporter_http_requests_total", kCounter,
                  "HTTP requests served.", {"handler", "code"}},
    InstrumentDef{"matrix_federation_exporter_log_messages_total", kCounter,
                  "Log messages written.", {"level"}},
    InstrumentDef{"matrix_federation_exporter_shard_ordinal", kGauge,
                  "Which shard of the homeservers this exporter watches.", {}},
    InstrumentDef{"matrix_federation_exporter_shards", kGauge,
                  "Into how many shards the homeservers are split.", {}},
    InstrumentDef{"matrix_federation_exporter_network_available", kGauge,
                  "Whether this machine has a route to that IP version at all.", {"ip_version"}},
    InstrumentDef{"matrix_federation_exporter_state_file_last_write_timestamp_seconds", kGauge,
                  "When the state file was last written, also by the run before; with --state.file.", {}},
    InstrumentDef{"matrix_federation_exporter_state_file_write_failures_total", kCounter,
                  "Times that the state file could not be written; with --state.file.", {}},
};
// clang-format on

namespace rules = metric_rules;
static_assert(rules::All(kInstruments, [](const auto& m) { return rules::IsName(m.name); }));
static_assert(rules::All(kInstruments, [](const auto& m) {
  return m.name.starts_with("matrix_federation_exporter_");
}));
static_assert(rules::All(kInstruments,
                         [](const auto& m) { return rules::EndsAsItsType(m.name, m.type); }));
static_assert(rules::All(kInstruments,
                         [](const auto& m) { return rules::HasBaseUnit(m.name, m.type); }));
static_assert(rules::All(kInstruments, [](const auto& m) { return rules::IsHelp(m.help); }));
static_assert(rules::All(kInstruments, [](const auto& m) { return rules::AreLabels(m.labels); }));
static_assert(rules::AreDistinct(kInstruments));

const prometheus::Histogram::BucketBoundaries kPhaseBuckets{0.05, 0.1, 0.25, 0.5, 1,
                                                            2.5,  5,   10,   30};
const prometheus::Histogram::BucketBoundaries kLagBuckets{0.01, 0.1, 0.5, 1, 5, 15, 60};
constexpr std::array<std::string_view, 6> kPhases = {"well_known", "dns",  "connect",
                                                     "tls",        "keys", "version"};

std::string_view Word(DnsType type) {
  switch (type) {
    case DnsType::kA: return "A";
    case DnsType::kAaaa: return "AAAA";
    case DnsType::kSrv: break;
  }
  return "SRV";
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double Seconds(SystemTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

const InstrumentDef& Definition(std::string_view name) {
  const auto found =
      std::find_if(kInstruments.begin(), kInstruments.end(), [&](const InstrumentDef& each) {
        return each.name.substr(std::string_view("matrix_federation_exporter_").size()) == name;
      });
  if (found == kInstruments.end()) throw std::logic_error("unknown instrument");
  return *found;
}

void AppendSample(const std::string& name, std::string_view suffix,
                  const std::vector<prometheus::ClientMetric::Label>& labels, std::string_view le,
                  double value, std::string& out) {
  out += name;
  out += suffix;
  bool open = false;
  const auto append_label = [&](std::string_view label, std::string_view text) {
    out += open ? "," : "{";
    open = true;
    out += label;
    out += "=\"";
    AppendEscaped(text, out);
    out.push_back('"');
  };
  for (const auto& label : labels) append_label(label.name, label.value);
  if (!le.empty()) append_label("le", le);
  if (open) out.push_back('}');
  out.push_back(' ');
  AppendNumber(value, out);
  out.push_back('\n');
}

void AppendMetric(const prometheus::MetricFamily& family, const prometheus::ClientMetric& metric,
                  std::string& out) {
  switch (family.type) {
    case prometheus::MetricType::Counter:
      AppendSample(family.name, "", metric.label, "", metric.counter.value, out);
      return;
    case prometheus::MetricType::Histogram:
      for (const auto& bucket : metric.histogram.bucket) {
        std::string le;
        AppendBound(bucket.upper_bound, le);
        AppendSample(family.name, "_bucket", metric.label, le,
                     static_cast<double>(bucket.cumulative_count), out);
      }
      AppendSample(family.name, "_sum", metric.label, "", metric.histogram.sample_sum, out);
      AppendSample(family.name, "_count", metric.label, "",
                   static_cast<double>(metric.histogram.sample_count), out);
      return;
    default: AppendSample(family.name, "", metric.label, "", metric.gauge.value, out);
  }
}

}  // namespace

std::span<const InstrumentDef> AllInstruments() { return kInstruments; }

std::vector<PhaseDuration> PhasesOf(const Observation& seen) {
  std::vector<PhaseDuration> phases;
  if (seen.well_known.attempted) phases.push_back({"well_known", seen.well_known.duration});
  if (!seen.services.empty() || !seen.hosts.empty()) phases.push_back({"dns", seen.dns_duration});
  const auto add_slowest = [&](std::string_view name, auto happened, auto member) {
    bool any = false;
    Duration slowest{};
    for (const EndpointObservation& endpoint : seen.endpoints) {
      if (!happened(endpoint)) continue;
      any = true;
      slowest = std::max(slowest, endpoint.*member);
    }
    if (any) phases.push_back({name, slowest});
  };
  using Endpoint = EndpointObservation;
  add_slowest("connect", [](const Endpoint& e) { return !e.connect; }, &Endpoint::connect_duration);
  add_slowest("tls", [](const Endpoint& e) { return e.tls.has_value(); }, &Endpoint::tls_duration);
  add_slowest(
      "keys", [](const Endpoint& e) { return e.keys_status.has_value(); },
      &Endpoint::keys_duration);
  add_slowest(
      "version", [](const Endpoint& e) { return e.version_status.has_value(); },
      &Endpoint::version_duration);
  return phases;
}

template <typename Metric>
prometheus::Family<Metric>& Instruments::FamilyOf(std::string_view name) {
  const InstrumentDef& row = Definition(name);
  const std::string full_name(row.name);
  const std::string help(row.help);
  if constexpr (std::is_same_v<Metric, prometheus::Counter>) {
    return prometheus::BuildCounter().Name(full_name).Help(help).Register(registry_);
  } else if constexpr (std::is_same_v<Metric, prometheus::Histogram>) {
    return prometheus::BuildHistogram().Name(full_name).Help(help).Register(registry_);
  } else {
    return prometheus::BuildGauge().Name(full_name).Help(help).Register(registry_);
  }
}

prometheus::Gauge& Instruments::GaugeOf(std::string_view name, const prometheus::Labels& labels) {
  return FamilyOf<prometheus::Gauge>(name).Add(labels);
}

Instruments::Instruments()
    : queue_length_(GaugeOf("probe_queue_length")),
      last_tick_(GaugeOf("scheduler_last_tick_timestamp_seconds")),
      skipped_(FamilyOf<prometheus::Counter>("probes_skipped_total").Add({})),
      lag_(FamilyOf<prometheus::Histogram>("probe_lag_seconds").Add({}, kLagBuckets)),
      http_requests_(FamilyOf<prometheus::Counter>("http_requests_total")) {
  GaugeOf("build_info", {{"version", MATRIX_FEDERATION_EXPORTER_VERSION},
                         {"revision", MATRIX_FEDERATION_EXPORTER_REVISION},
                         {"compiler", MATRIX_FEDERATION_EXPORTER_COMPILER}})
      .Set(1);
  SetShard(0, 1);
  // Every legal pair exists from the start, so that increase() sees the first failure.
  auto& failures = FamilyOf<prometheus::Counter>("check_failures_total");
  for (const matrix_federation::Check* check : matrix_federation::AllChecks()) {
    for (const std::string_view code : check->codes) {
      check_failures_[{check->name, code}] =
          &failures.Add({{"check", std::string(check->name)}, {"reason", std::string(code)}});
    }
  }
  auto& phases = FamilyOf<prometheus::Histogram>("phase_duration_seconds");
  for (const std::string_view phase : kPhases) {
    phases_[phase] = &phases.Add({{"phase", std::string(phase)}}, kPhaseBuckets);
  }
  auto& queries = FamilyOf<prometheus::Counter>("dns_queries_total");
  for (int type = 0; type <= static_cast<int>(DnsType::kSrv); ++type) {
    for (int status = 0; status <= static_cast<int>(DnsStatus::kMalformed); ++status) {
      dns_queries_[{type, status}] = &queries.Add(
          {{"type", std::string(Word(static_cast<DnsType>(type)))},
           {"outcome", std::string(matrix_federation::Word(static_cast<DnsStatus>(status)))}});
    }
  }
  auto& messages = FamilyOf<prometheus::Counter>("log_messages_total");
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    log_messages_[level] = &messages.Add({{"level", std::string(exporter::Word(level))}});
  }
}

void Instruments::SetConfiguration(std::uint64_t hash, SystemTime loaded_at, std::size_t targets) {
  GaugeOf("config_last_reload_successful").Set(1);
  GaugeOf("config_last_reload_success_timestamp_seconds")
      .Set(Seconds(std::chrono::floor<std::chrono::milliseconds>(loaded_at)));
  // 48 bits pass through a double unharmed.
  GaugeOf("config_hash").Set(static_cast<double>(hash & 0xffffffffffff));
  GaugeOf("targets").Set(static_cast<double>(targets));
}

void Instruments::SetReloadFailed() { GaugeOf("config_last_reload_successful").Set(0); }

void Instruments::SetInFlightMax(int maximum) { GaugeOf("probes_in_flight_max").Set(maximum); }
void Instruments::AddQueueLength(int change) { queue_length_.Increment(change); }
void Instruments::CountSkipped(std::uint64_t count) {
  skipped_.Increment(static_cast<double>(count));
}
void Instruments::ObserveLag(Duration lag) { lag_.Observe(Seconds(lag)); }
void Instruments::Tick(SystemTime now) {
  last_tick_.Set(Seconds(std::chrono::floor<std::chrono::milliseconds>(now)));
}

void Instruments::CountReport(const Report& report) {
  for (const auto& [check, verdict] : report.checks) {
    if (verdict.status != Status::kFail) continue;
    const auto found = check_failures_.find({check->name, verdict.code});
    if (found != check_failures_.end()) found->second->Increment();
  }
  for (const PhaseDuration& phase : PhasesOf(report.observation)) {
    phases_.at(phase.name)->Observe(Seconds(phase.duration));
  }
}

void Instruments::CountDnsQuery(DnsType type, DnsStatus status) {
  dns_queries_.at({static_cast<int>(type), static_cast<int>(status)})->Increment();
}

void Instruments::CountHttpRequest(std::string_view handler, unsigned status) {
  http_requests_.Add({{"handler", std::string(handler)}, {"code", std::to_string(status)}})
      .Increment();
}

void Instruments::CountLogMessage(LogLevel level) { log_messages_.at(level)->Increment(); }

void Instruments::SetNetworkAvailable(int ip_version, bool available) {
  GaugeOf("network_available", {{"ip_version", std::to_string(ip_version)}}).Set(available ? 1 : 0);
}

void Instruments::CountStateFileFailures(int count) {
  FamilyOf<prometheus::Counter>("state_file_write_failures_total").Add({}).Increment(count);
}

void Instruments::SetStateFileWritten(SystemTime at) {
  GaugeOf("state_file_last_write_timestamp_seconds")
      .Set(Seconds(std::chrono::floor<std::chrono::milliseconds>(at)));
}

void Instruments::SetShard(int ordinal, int shards) {
  GaugeOf("shard_ordinal").Set(ordinal);
  GaugeOf("shards").Set(shards);
}

std::vector<prometheus::MetricFamily> Instruments::ProbeFamilies() const {
  // In this order, so that what starts and ends in between is never counted as ended only.
  const auto finished = static_cast<double>(finished_.load());
  const auto started = static_cast<double>(started_.load());
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&](std::string_view name, double value) {
    const InstrumentDef& row = Definition(name);
    prometheus::MetricFamily& family = families.emplace_back();
    family.name = row.name;
    family.type = row.type == MetricType::kCounter ? prometheus::MetricType::Counter
                                                   : prometheus::MetricType::Gauge;
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.counter.value = value;
    metric.gauge.value = value;
  };
  add("probes_started_total", started);
  add("probes_finished_total", finished);
  add("probes_in_flight", started - finished);
  return families;
}

std::string Instruments::Render(Format format) const {
  auto families = registry_.Collect();
  for (auto& family : ProbeFamilies()) families.push_back(std::move(family));
  std::sort(families.begin(), families.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string out;
  for (const prometheus::MetricFamily& family : families) {
    if (family.metric.empty()) continue;
    const InstrumentDef& row =
        Definition(std::string_view(family.name)
                       .substr(std::string_view("matrix_federation_exporter_").size()));
    AppendHeader(row.name, row.type, row.help, format, out);
    for (const prometheus::ClientMetric& metric : family.metric) AppendMetric(family, metric, out);
  }
  AppendProcessMetrics(format, out);
  return out;
}

}  // namespace exporter
