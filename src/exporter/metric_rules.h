#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace exporter {

/// What a family is. An info is a gauge of 1 whose labels say something; the text format, which
/// does not know the word, calls it a gauge.
enum class MetricType : std::uint8_t { kGauge, kCounter, kInfo, kHistogram };

/// "gauge", "counter", "info", "histogram".
constexpr std::string_view Word(MetricType type) {
  switch (type) {
    case MetricType::kGauge: return "gauge";
    case MetricType::kCounter: return "counter";
    case MetricType::kInfo: return "info";
    case MetricType::kHistogram: break;
  }
  return "histogram";
}

/// What of its name is a family's in OpenMetrics: all but the suffix that its samples have.
constexpr std::string_view WithoutSuffix(std::string_view name, MetricType type) {
  const std::string_view suffix = type == MetricType::kCounter ? "_total"
                                  : type == MetricType::kInfo  ? "_info"
                                                               : "";
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

/// "seconds" or "bytes" when a family is measured in them, as its name then says; else "".
constexpr std::string_view UnitOf(std::string_view name, MetricType type) {
  if (type == MetricType::kInfo) return "";
  const std::string_view family = WithoutSuffix(name, type);
  for (const std::string_view unit : {std::string_view("seconds"), std::string_view("bytes")}) {
    if (family.ends_with(unit)) return unit;
  }
  return "";
}

// The rules that the tables of metrics obey when they are compiled: those of both exposition
// formats, those that `promtool check metrics` holds names against, and our own.
namespace metric_rules {

/// Lower case words joined by single underscores; the first one begins with a letter.
constexpr bool IsName(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z' || name.back() == '_') return false;
  char before = 'a';
  for (const char c : name) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_word && (c != '_' || before == '_')) return false;
    before = c;
  }
  return true;
}

// GCC 12 takes the algorithms of <algorithm> over a span for no constant expression.
constexpr bool Contains(std::span<const std::string_view> words, std::string_view word) {
  for (const std::string_view each : words) {
    if (each == word) return true;
  }
  return false;
}

/// Whether one of the name's words is one of these.
constexpr bool HasWord(std::string_view name, std::span<const std::string_view> words) {
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('_'), name.size());
    if (Contains(words, name.substr(0, end))) return true;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return false;
}

/// Counters end in _total, infos in _info, no others do; and no name ends as the samples of a
/// histogram do.
constexpr bool EndsAsItsType(std::string_view name, MetricType type) {
  for (const std::string_view reserved : {"_bucket", "_sum", "_count", "_created"}) {
    if (name.ends_with(reserved)) return false;
  }
  return name.ends_with("_total") == (type == MetricType::kCounter) &&
         name.ends_with("_info") == (type == MetricType::kInfo);
}

/// Base units only, and named wherever the name says that something is measured in time.
constexpr bool HasBaseUnit(std::string_view name, MetricType type) {
  constexpr std::array<std::string_view, 14> kOtherUnits = {
      "milliseconds", "microseconds", "nanoseconds", "minutes", "hours",   "days", "weeks",
      "ms",           "kilobytes",    "megabytes",   "bits",    "percent", "s",    "msec"};
  constexpr std::array<std::string_view, 6> kTimes = {"timestamp", "duration", "interval",
                                                      "timeout",   "lifetime", "lag"};
  if (HasWord(name, kOtherUnits)) return false;
  return !HasWord(name, kTimes) || UnitOf(name, type) == "seconds";
}

/// A sentence or more, without what a format would have to escape.
constexpr bool IsHelp(std::string_view help) {
  return help.size() > 1 && help.ends_with('.') && help.front() != ' ' &&
         std::all_of(help.begin(), help.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

/// Names, each once, none of those that mean something to Prometheus, and no gap between them.
constexpr bool AreLabels(std::span<const std::string_view> labels) {
  constexpr std::array<std::string_view, 5> kTaken = {"server_name", "le", "quantile", "job",
                                                      "instance"};
  bool ended = false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto before = labels.first(i);
    if (labels[i].empty()) {
      ended = true;
    } else if (ended || !IsName(labels[i]) || Contains(before, labels[i]) ||
               Contains(kTaken, labels[i])) {
      return false;
    }
  }
  return true;
}

/// Whether every row obeys a rule.
template <typename Row, std::size_t size, typename Rule>
constexpr bool All(const std::array<Row, size>& rows, Rule rule) {
  return std::all_of(rows.begin(), rows.end(), rule);
}

/// Whether no two rows share a name, or the name of their family in OpenMetrics.
template <typename Row, std::size_t size>
constexpr bool AreDistinct(const std::array<Row, size>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      if (WithoutSuffix(rows[i].name, rows[i].type) == WithoutSuffix(rows[j].name, rows[j].type)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace metric_rules

}  // namespace exporter
