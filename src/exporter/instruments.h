#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/exposition_text.h"
#include "exporter/logger.h"
#include "matrix_federation/observation.h"
#include "matrix_federation/report.h"

namespace exporter {

/// A metric of the program itself: one row of its part of the catalogue.
struct InstrumentDef {
  std::string_view name;
  MetricType type;
  std::string_view help;
  std::array<std::string_view, 3> labels;

  [[nodiscard]] std::span<const std::string_view> label_names() const {
    std::size_t count = 0;
    while (count < labels.size() && !labels.at(count).empty()) ++count;
    return {labels.data(), count};
  }
};

std::span<const InstrumentDef> AllInstruments();

/// The phases of a probe, as label values and with what they took; skipped ones are missing.
struct PhaseDuration {
  std::string_view name;
  matrix_federation::Duration duration;
};
std::vector<PhaseDuration> PhasesOf(const matrix_federation::Observation& seen);

/// The exporter's own instruments, in a prometheus-cpp registry. Any thread.
class Instruments {
 public:
  Instruments();

  void SetConfiguration(std::uint64_t hash, matrix_federation::SystemTime loaded_at,
                        std::size_t targets);
  void SetReloadFailed();
  void SetInFlightMax(int maximum);
  void ProbeStarted() { started_.fetch_add(1); }
  void ProbeFinished() { finished_.fetch_add(1); }
  void AddQueueLength(int change);
  void CountSkipped(std::uint64_t count);
  void ObserveLag(matrix_federation::Duration lag);
  void Tick(matrix_federation::SystemTime now);
  void CountReport(const matrix_federation::Report& report);
  void CountDnsQuery(matrix_federation::DnsType type, matrix_federation::DnsStatus status);
  void CountHttpRequest(std::string_view handler, unsigned status);
  void CountLogMessage(LogLevel level);
  void SetNetworkAvailable(int ip_version, bool available);
  /// 0 has the counter shown.
  void CountStateFileFailures(int count);
  void SetStateFileWritten(matrix_federation::SystemTime at);
  /// Which shard this exporter is, of how many; without it the first of one.
  void SetShard(int ordinal, int shards);

  /// All families with the process' own (`process_*`), without the end of an exposition.
  [[nodiscard]] std::string Render(Format format = Format::kText) const;

 private:
  template <typename Metric>
  prometheus::Family<Metric>& FamilyOf(std::string_view name);
  prometheus::Gauge& GaugeOf(std::string_view name, const prometheus::Labels& labels = {});

  [[nodiscard]] std::vector<prometheus::MetricFamily> ProbeFamilies() const;

  // Outside of the registry, so that one look at the two gives all that derives from them.
  std::atomic<std::uint64_t> started_{0};
  std::atomic<std::uint64_t> finished_{0};

  prometheus::Registry registry_;
  prometheus::Gauge& queue_length_;
  prometheus::Gauge& last_tick_;
  prometheus::Counter& skipped_;
  prometheus::Histogram& lag_;
  prometheus::Family<prometheus::Counter>& http_requests_;
  // Looked up often, so resolved once.
  std::map<std::pair<std::string_view, std::string_view>, prometheus::Counter*> check_failures_;
  std::map<std::string_view, prometheus::Histogram*> phases_;
  std::map<std::pair<int, int>, prometheus::Counter*> dns_queries_;
  std::map<LogLevel, prometheus::Counter*> log_messages_;
};

}  // namespace exporter
