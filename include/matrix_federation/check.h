#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/observation.h"

namespace matrix_federation {

/// Fixed in each check's definition: error where the specification says MUST or federation breaks,
/// warning otherwise. Only errors take part in the verdict.
enum class Severity : std::uint8_t { kError, kWarning };

/// kNotApplicable: the subject does not exist (no SRV record, nothing to judge about it).
/// kNotObserved: an earlier failure left nothing to judge.
enum class Status : std::uint8_t { kPass, kFail, kNotApplicable, kNotObserved };

std::string_view Word(Severity severity);
std::string_view Word(Status status);

/// What a check says of one observation.
struct Verdict {
  Status status = Status::kNotObserved;
  std::string_view code;  // a word of the closed lists, when status is kFail
  std::string detail;     // a sentence, when status is kFail
  std::vector<Finding> findings;

  static Verdict Pass() { return {.status = Status::kPass}; }
  static Verdict NotApplicable() { return {.status = Status::kNotApplicable}; }
  static Verdict NotObserved() { return {.status = Status::kNotObserved}; }
  static Verdict Fail(const Failure& failure) {
    return {.status = Status::kFail, .code = Word(failure.reason), .detail = failure.detail};
  }
  /// For checks of severity warning: the finding is the verdict.
  static Verdict Warn(Finding finding) {
    Verdict verdict{
        .status = Status::kFail, .code = Word(finding.warning), .detail = finding.detail};
    verdict.findings.push_back(std::move(finding));
    return verdict;
  }
};

/// A statement that is true when all is well. The name is the file, the object, the label value
/// `check` and the anchor in the documentation. `judge` is pure: no I/O, no clock, no state.
struct Check {
  std::string_view name;
  Severity severity;
  std::string_view summary;                 // one sentence, true when all is well
  std::string_view citation;                // the specification or RFC it enforces
  std::string_view why;                     // what breaks, and for whom, when it is not true
  std::string_view fix;                     // what to do then; both written as in explanation.h
  std::span<const std::string_view> codes;  // every word that a failing verdict may carry
  /// Every further warning that may stand beside a verdict, also one that passes.
  std::span<const std::string_view> remarks;
  Verdict (*judge)(const Observation& seen);

  /// Whether a verdict may carry this word, as its code or beside it.
  [[nodiscard]] bool Declares(std::string_view word) const {
    return std::find(codes.begin(), codes.end(), word) != codes.end() ||
           std::find(remarks.begin(), remarks.end(), word) != remarks.end();
  }
};

/// The written list, in report order: the first failing error check is the root cause.
std::span<const Check* const> AllChecks();

}  // namespace matrix_federation
