#include "exporter/documentation.h"

#include <span>

#include "exporter/instruments.h"
#include "exporter/metrics.h"
#include "matrix_federation/check.h"
#include "matrix_federation/explanation.h"

namespace exporter {
namespace {

using matrix_federation::AllChecks;
using matrix_federation::Check;
using matrix_federation::kReasonRows;
using matrix_federation::kWarningRows;
using matrix_federation::Reason;
using matrix_federation::Warning;

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

constexpr std::string_view kExamples =
    "\nIn the examples the server name is `example.org`; its homeserver runs at "
    "`matrix.example.org` "
    "and listens on\n127.0.0.1:8008 behind a reverse proxy. Conduit's descendants are conduwuit, "
    "Tuwunel and continuwuity.\n";

constexpr std::string_view kPrecedence =
    R"(A report names one root cause: the first *error* of this list that fails. What fails further down
often does so only because of it.

- Discovery comes first. Then every address has to pass these stages, one after the other: it
  accepts the connection, completes the TLS handshake, and its certificate is trusted, in date and
  for the right name; it serves the signing keys, they are signed, and they are in date.
- A homeserver needs only one address that works, so a stage passes as soon as one address passes it.
  It is judged by the addresses that passed all stages before it; where there are none, by all at
  which there was anything to see. So an expired certificate hides nothing of what is wrong with the
  keys.
- Where no address passes a stage, the reason is that of the first one, in the order in which a
  homeserver tries them: SRV priority and weight, then IPv6 before IPv4.
- What `expect` demands in the configuration stands last, so it is the root cause only where
  federation as such works.
- A *warning* never decides anything.

So the verdict is "works" exactly when no error fails.
)";

std::string Code(std::string_view word) { return "`" + std::string(word) + "`"; }

// A link to the section of that name: heading and anchor are the word itself.
std::string Link(std::string_view document, std::string_view word) {
  return "[" + Code(word) + "](" + std::string(document) + "#" + std::string(word) + ")";
}

void AppendText(std::string_view label, std::string_view text, std::string& out) {
  out += "\n**" + std::string(label) + "** " + std::string(text) + "\n";
}

void AppendLinks(std::string_view before, std::string_view document,
                 std::span<const std::string_view> words, std::string& out) {
  if (words.empty()) return;
  out += "\n" + std::string(before);
  for (const std::string_view word : words) out += " " + Link(document, word);
  out += ".\n";
}

void AppendExplanation(const matrix_federation::Explanation& explanation, std::string& out) {
  out += "\n" + std::string(explanation.meaning) + "\n";
  AppendText("Why it matters.", explanation.why, out);
  AppendText("How to fix it.", explanation.fix, out);
}

void AppendIndex(std::span<const matrix_federation::WordRow> rows, std::string& out) {
  out += "| word | meaning |\n|---|---|\n";
  for (const auto& [word, sentence] : rows) {
    out += "| " + Code(word) + " | [" + std::string(sentence) + "](#" + std::string(word) + ") |\n";
  }
}

void AppendChecksWith(std::string_view word, std::string& out) {
  std::vector<std::string_view> names;
  for (const Check* check : AllChecks()) {
    if (check->Declares(word)) names.push_back(check->name);
  }
  AppendLinks("Found by", "checks.md", names, out);
}

void AppendReason(Reason reason, std::string& out) {
  out += "\n### " + std::string(Word(reason)) + "\n";
  AppendExplanation(ExplanationOf(reason), out);
  // An anchor exists once: the section of a word that is both says both.
  if (const auto warning = matrix_federation::WarningOf(Word(reason))) {
    out += "\n**As a warning:**\n";
    AppendExplanation(ExplanationOf(*warning), out);
  }
  AppendChecksWith(Word(reason), out);
}

void AppendWarning(Warning warning, std::string& out) {
  if (matrix_federation::ReasonOf(Word(warning))) return;
  out += "\n### " + std::string(Word(warning)) + "\n";
  AppendExplanation(ExplanationOf(warning), out);
  AppendChecksWith(Word(warning), out);
}

void AppendCheck(const Check& check, std::string& out) {
  out += "\n## " + std::string(check.name) + "\n\n" + std::string(check.summary) + " (*" +
         std::string(Word(check.severity)) + "*; " + std::string(check.citation) + ")\n";
  AppendText("Why it matters.", check.why, out);
  AppendText("How to fix it.", check.fix, out);
  AppendLinks("Fails with", "reasons.md", check.codes, out);
  AppendLinks("May warn with", "reasons.md", check.remarks, out);
}

}  // namespace

std::string MetricCatalogue() {
  std::string out =
      "# Metrics\n\n"
      "Printed by `matrix-federation-exporter --print-metrics`. An *info* is a gauge of 1 whose "
      "labels say something.\n\n"
      "A scrape gets OpenMetrics 1.0 where its `Accept` header prefers that, as Prometheus does, "
      "else text format 0.0.4. The samples are the same.\n\n"
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
    AppendMetric(instrument.name, Word(instrument.type), instrument.label_names(), instrument.help,
                 out);
  }
  out += "\nAnd the standard `process_*` metrics.\n";
  return out;
}

std::string CheckList() {
  std::string out =
      "# Checks\n\n"
      "Printed by `matrix-federation-exporter --print-checks`, one of them by `explain NAME`. Each "
      "is "
      "a\nstatement that is true when all is well. An *error* decides whether federation works, a "
      "*warning* does not.\n" +
      std::string(kExamples) + "\n| | check | severity | statement |\n|---|---|---|---|\n";
  int place = 0;
  for (const Check* check : AllChecks()) {
    out += "| " + std::to_string(++place) + " | " + Link("", check->name) + " | " +
           std::string(Word(check->severity)) + " | " + std::string(check->summary) + " |\n";
  }
  out += "\n## Order of precedence\n\n" + std::string(kPrecedence);
  for (const Check* check : AllChecks()) AppendCheck(*check, out);
  return out;
}

std::string ReasonList() {
  std::string out =
      "# Reasons and warnings\n\n"
      "Printed by `matrix-federation-exporter --print-reasons`, one of them by `explain WORD`. The "
      "words are\npromises: they are never renamed.\n" +
      std::string(kExamples) +
      "\nServers that failed to reach a homeserver wait before they try again: Synapse for ten "
      "minutes, then longer\nand longer, for up to a week. So after a repair it may take a while "
      "until all of them are back.\n"
      "\n## Reasons\n\nWhy federation, one address or one check fails.\n\n";
  AppendIndex(kReasonRows, out);
  for (std::size_t i = 0; i < kReasonRows.size(); ++i) AppendReason(static_cast<Reason>(i), out);
  out += "\n## Warnings\n\nFindings that do not stop federation today.\n\n";
  AppendIndex(kWarningRows, out);
  for (std::size_t i = 0; i < kWarningRows.size(); ++i) AppendWarning(static_cast<Warning>(i), out);
  return out;
}

std::string VersionText() {
  return "matrix-federation-exporter, version " MATRIX_FEDERATION_EXPORTER_VERSION
         " (revision: " MATRIX_FEDERATION_EXPORTER_REVISION
         ")\n  built with: " MATRIX_FEDERATION_EXPORTER_COMPILER "\n";
}

}  // namespace exporter
