#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "exporter/block.h"
#include "exporter/history.h"
#include "exporter/metric_rules.h"
#include "exporter/settings.h"
#include "matrix_federation/report.h"

namespace exporter {

/// What a family derives from and when its samples are shown. Those of the configuration are
/// rendered when it is loaded, the others at the end of a probe.
enum class Freshness : std::uint8_t {
  kConfigured,       // the configuration; always
  kConfiguredSince,  // the configuration; from the first probe on
  kAlways,           // what outlives a probe; always
  kWhileFresh,       // the last result; until it is stale (`probe.stale_after`)
};

/// All that is known of one homeserver when its block is rendered.
struct ServerView {
  const Homeserver& server;
  const Settings& settings;
  const History& history;
  const matrix_federation::Report* report;  // nullptr before the first probe
  matrix_federation::SystemTime finished_at;
};

/// Writes the samples of one homeserver into its block.
class Samples {
 public:
  explicit Samples(BlockWriter& out) : out_(out) {}

  /// The samples that follow are of this family of the catalogue.
  void Begin(std::size_t family);

  /// One sample; `values` are the label values in the order of the family's labels, escaped here.
  void Add(double value, std::initializer_list<std::string_view> values = {});
  void Add(matrix_federation::SystemTime time, std::initializer_list<std::string_view> values = {});
  /// Of certificates: their years go further than nanoseconds do.
  void Add(matrix_federation::SystemSeconds time,
           std::initializer_list<std::string_view> values = {});

  /// One sample with the family's labels and further ones that the operator named.
  void AddInfo(std::initializer_list<std::string_view> values,
               std::span<const std::pair<std::string, std::string>> further);

 private:
  void Open(std::initializer_list<std::string_view> values);
  void Label(std::string_view name, std::string_view value);
  void Close(double value);

  BlockWriter& out_;
  std::span<const std::string_view> label_names_;
  std::string labels_;  // of the sample
  std::string value_;
};

/// One row of the catalogue: a family of per-homeserver metrics and how it derives from a report.
struct MetricDef {
  std::string_view name;
  MetricType type;
  Freshness freshness;
  std::string_view help;
  std::array<std::string_view, 6> labels;  // beyond server_name; the rest empty
  void (*derive)(const ServerView& view, Samples& samples);

  [[nodiscard]] std::span<const std::string_view> label_names() const {
    std::size_t count = 0;
    while (count < labels.size() && !labels.at(count).empty()) ++count;
    return {labels.data(), count};
  }

  /// Whether the values of all its labels are the program's own.
  [[nodiscard]] bool has_known_labels() const;
};

/// How many families there are.
inline constexpr std::size_t kMetricCount = 36;

/// The catalogue, in the order of the exposition.
std::span<const MetricDef, kMetricCount> AllMetrics();

}  // namespace exporter
