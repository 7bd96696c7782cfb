#include "exporter/report_tap.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "matrix_federation/label.h"

namespace exporter {
namespace {

using matrix_federation::CheckResult;
using matrix_federation::Severity;
using matrix_federation::Status;
using matrix_federation::ToSentence;

// A JSON string is a YAML scalar, whatever it holds.
std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// "#" begins a directive.
std::string Plain(std::string_view name) {
  std::string plain = ToSentence(name);
  for (char& c : plain) {
    if (c == '#') c = '?';
  }
  return plain;
}

bool IsFailure(const CheckResult& result, bool strict) {
  return result.verdict.status == Status::kFail || (strict && !result.verdict.findings.empty());
}

// TODO and SKIP are the protocol's own words: neither counts as a failure, so where warnings count
// there is none of them.
std::string Directive(const CheckResult& result, bool strict) {
  if (strict && IsFailure(result, strict)) return "";
  switch (result.verdict.status) {
    case Status::kPass: return "";
    case Status::kFail:
      return result.check->severity == Severity::kWarning ? " # TODO a warning" : "";
    case Status::kNotApplicable: return " # SKIP not applicable";
    case Status::kNotObserved: break;
  }
  return " # SKIP not observed";
}

// Why a test failed, and what a check found beside its verdict.
std::string Diagnostics(const CheckResult& result) {
  const auto& verdict = result.verdict;
  std::string out;
  if (verdict.status == Status::kFail) {
    out += fmt::format("  severity: {}\n  reason: {}\n  detail: {}\n", Word(result.check->severity),
                       verdict.code, Quoted(verdict.detail));
  }
  if (!verdict.findings.empty()) out += "  warnings:\n";
  for (const auto& finding : verdict.findings) {
    out += fmt::format("    - code: {}\n      detail: {}\n", Word(finding.warning),
                       Quoted(finding.detail));
  }
  return out.empty() ? out : "  ---\n" + out + "  ...\n";
}

}  // namespace

std::string ToTap(const matrix_federation::Report& report, std::size_t index, std::size_t count,
                  bool strict) {
  std::string out;
  const std::size_t checks = report.checks.size();
  if (index == 0) out = fmt::format("TAP version 13\n1..{}\n", count * checks);
  std::size_t number = index * checks;
  for (const CheckResult& result : report.checks) {
    out += fmt::format("{} {} - {}: {}{}\n", IsFailure(result, strict) ? "not ok" : "ok", ++number,
                       Plain(report.observation.queried_name), result.check->name,
                       Directive(result, strict));
    out += Diagnostics(result);
  }
  return out;
}

}  // namespace exporter
