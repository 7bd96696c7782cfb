#include "matrix_federation/report.h"

#include <algorithm>

#include "checks/all_checks.h"
#include "checks/stages.h"
#include "matrix_federation/label.h"
#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

void AddWarnings(const std::vector<Finding>& findings, std::vector<Finding>& warnings) {
  for (const Finding& finding : findings) {
    const bool known = std::any_of(warnings.begin(), warnings.end(), [&](const Finding& each) {
      return each.warning == finding.warning;
    });
    if (!known) warnings.push_back(finding);
  }
}

bool AllAddressesWork(const Observation& seen) {
  return !seen.endpoints.empty() &&
         std::all_of(seen.endpoints.begin(), seen.endpoints.end(), [&](const auto& endpoint) {
           return FirstFailure(endpoint) == nullptr || !IsConclusive(seen, endpoint);
         });
}

// Details quote what comes from outside, several values of it at times.
void Shorten(std::string& detail) {
  if (detail.size() > kSentenceLengthMax) detail = ToSentence(detail);
}

void Shorten(Verdict& verdict) {
  Shorten(verdict.detail);
  for (Finding& finding : verdict.findings) Shorten(finding.detail);
}

}  // namespace

Report Judge(Observation observation) {
  Report report{.observation = std::move(observation)};
  for (const Check* check : AllChecks()) {
    Verdict verdict = check->judge(report.observation);
    Shorten(verdict);
    AddWarnings(verdict.findings, report.warnings);
    if (!report.root_cause && check->severity == Severity::kError &&
        verdict.status == Status::kFail) {
      report.root_cause = RootCause{check, verdict.code, verdict.detail};
    }
    report.checks.push_back({check, std::move(verdict)});
  }
  report.federation_ok = !report.root_cause;
  report.all_addresses_ok = (report.federation_ok || FailsOnlyExpectations(report)) &&
                            AllAddressesWork(report.observation);
  return report;
}

bool IsExpectation(std::string_view check_name) {
  constexpr auto kExpectations =
      std::to_array<const Check*>({&delegation_is_expected, &software_is_expected,
                                   &version_is_expected, &ip_versions_are_expected});
  return std::any_of(kExpectations.begin(), kExpectations.end(),
                     [&](const Check* check) { return check->name == check_name; });
}

bool FailsOnlyExpectations(const Report& report) {
  return report.root_cause && IsExpectation(report.root_cause->check->name);
}

bool CarriesWarnings(const Report& report) {
  return !report.warnings.empty() ||
         std::any_of(report.checks.begin(), report.checks.end(), [](const CheckResult& each) {
           return each.check->severity == Severity::kWarning &&
                  each.verdict.status == Status::kFail;
         });
}

bool EndpointWorks(const EndpointObservation& endpoint) {
  return FirstFailure(endpoint) == nullptr;
}

const Failure* EndpointFailure(const EndpointObservation& endpoint) {
  return FirstFailure(endpoint);
}

}  // namespace matrix_federation
