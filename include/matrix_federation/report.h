#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/check.h"
#include "matrix_federation/observation.h"

namespace matrix_federation {

/// One check's verdict in a report.
struct CheckResult {
  const Check* check;
  Verdict verdict;
};

/// The first failing error check.
struct RootCause {
  const Check* check;
  std::string_view reason;
  std::string detail;
};

/// An observation with its verdicts: what one check of one homeserver says. Every metric and every
/// face of the report derives from it. Immutable once Judge has returned it.
struct Report {
  Observation observation;
  std::vector<CheckResult> checks;  // in the order of AllChecks()
  std::vector<Finding> warnings;    // each word once, with the sentence of its first occurrence
  /// Another homeserver can reach this one: no error check fails, so at least one address passed
  /// connect, TLS and keys, and what the operator expects beyond that is so.
  bool federation_ok = false;
  /// Every resolved address passed, whatever the operator expects.
  bool all_addresses_ok = false;
  std::optional<RootCause> root_cause;  // set exactly when federation_ok is false
};

/// Runs every check. Pure.
Report Judge(Observation observation);

/// The report as one compact JSON object without a final newline; the fields are a public promise.
std::string ToJson(const Report& report);

/// Whether the check of this name judges what the operator's `expect` demands. Those come last:
/// where one is the root cause, other homeservers can reach this one all the same.
bool IsExpectation(std::string_view check_name);

/// Whether nothing is wrong but what the operator's `expect` demands: other homeservers can reach
/// this one.
bool FailsOnlyExpectations(const Report& report);

/// Whether anything is worth mending: a warning, or a check of severity warning that fails with a
/// reason, such as a .well-known file that cannot be fetched.
bool CarriesWarnings(const Report& report);

/// Whether this address passed connect, TLS, certificate and keys.
bool EndpointWorks(const EndpointObservation& endpoint);

/// Why this address does not work; nullptr when it does.
const Failure* EndpointFailure(const EndpointObservation& endpoint);

}  // namespace matrix_federation
