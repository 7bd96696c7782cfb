#include "exporter/documentation.h"

#include <span>

#include "exporter/instruments.h"
#include "exporter/metrics.h"
#include "matrix_federation/check.h"

namespace exporter {
namespace {

constexpr std::string_view kTableHead = "| metric | type | labels | meaning |\n|---|---|---|---|\n";

void AppendMetric(std::string_view name, std::string_view type,
                  std::span<const std::string_view> labels, std::string_view help,
                  std::string& out) {
  out += "| `" + std::string(name) + "` | " + std::string(type) + " | ";
  bool first = true;
  for (const std::string_view label : labels) {
    out += (first ? "`" : " `") + std::string(label) + "`";
    first = false;
  }
  out += " | " + std::string(help) + " |\n";
}

void AppendWords(std::span<const matrix_federation::WordRow> rows, std::string& out) {
  out += "| word | meaning |\n|---|---|\n";
  for (const auto& [word, sentence] : rows) {
    out += "| `" + std::string(word) + "` | " + std::string(sentence) + " |\n";
  }
}

}  // namespace

std::string MetricCatalogue() {
  std::string out =
      "# Metrics\n\n"
      "Printed by `matrix-federation-exporter --print-metrics`.\n\n"
      "## Of each homeserver\n\n"
      "All of them have the label `server_name` as well. What was skipped or could not be observed "
      "is absent, never 0.\n\n";
  out += kTableHead;
  for (const MetricDef& metric : AllMetrics()) {
    AppendMetric(metric.name, Word(metric.type), metric.label_names(), metric.help, out);
  }
  out += "\n## Of the exporter itself\n\n";
  out += kTableHead;
  for (const InstrumentDef& instrument : AllInstruments()) {
    AppendMetric(instrument.name, instrument.type, instrument.label_names(), instrument.help, out);
  }
  out += "\nAnd the standard `process_*` metrics.\n";
  return out;
}

std::string CheckList() {
  std::string out =
      "# Checks\n\n"
      "Printed by `matrix-federation-exporter --print-checks`. Each is a statement that is true "
      "when "
      "all is well. An\n*error* decides whether federation works; the first failing one, in this "
      "order, is the root cause.\n";
  for (const matrix_federation::Check* check : matrix_federation::AllChecks()) {
    out += "\n## " + std::string(check->name) + "\n\n" + std::string(check->summary) + " (*" +
           std::string(Word(check->severity)) + "*; " + std::string(check->citation) +
           ")\n\nFails with";
    for (const std::string_view code : check->codes) out += " `" + std::string(code) + "`";
    out += ".\n";
  }
  return out;
}

std::string ReasonList() {
  std::string out =
      "# Reasons and warnings\n\n"
      "Printed by `matrix-federation-exporter --print-reasons`. The words are promises: they are "
      "never renamed.\n\n"
      "## Reasons\n\nWhy federation, one address or one check fails.\n\n";
  AppendWords(matrix_federation::kReasonRows, out);
  out += "\n## Warnings\n\nFindings that do not stop federation today.\n\n";
  AppendWords(matrix_federation::kWarningRows, out);
  return out;
}

std::string VersionText() {
  return "matrix-federation-exporter, version " MATRIX_FEDERATION_EXPORTER_VERSION
         " (revision: " MATRIX_FEDERATION_EXPORTER_REVISION
         ")\n  built with: " MATRIX_FEDERATION_EXPORTER_COMPILER "\n";
}

}  // namespace exporter
