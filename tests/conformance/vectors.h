#pragma once

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <iosfwd>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/certificate.h"
#include "matrix_federation/signing_keys.h"

namespace conformance {

/// One case of the handed-down file; its conventions stand there under meta.
struct Case {
  std::string id;
  std::string area;
  std::string description;
  YAML::Node input;
  YAML::Node expected;
};

/// For messages about a parameterised test.
void PrintTo(const Case& each, std::ostream* out);

/// Every case of the file.
const std::vector<Case>& AllCases();

/// The cases of an area whose input has the member `member`; they count as judged from then on.
std::vector<Case> CasesWith(std::string_view area, std::string_view member);

/// The ids of the cases that some suite has taken up.
const std::set<std::string>& JudgedIds();

/// meta.now_ms.
matrix_federation::SystemTime Now();
/// The moment at which one case is judged.
matrix_federation::SystemTime NowOf(const Case& each);

/// The member that a dotted path leads to; undefined when there is none.
YAML::Node At(const YAML::Node& node, const std::string& dotted);

/// The text of a scalar, or "null".
std::string TextOf(const YAML::Node& node);

/// The members of a list, as text.
std::vector<std::string> TextsOf(const YAML::Node& list);

/// The values that are right for one expected member: the one that stands there, then its
/// alternatives. `name` is dotted below "wellknown".
std::set<std::string> RightValues(const Case& each, const std::string& name);

/// The words of findings.
std::set<std::string> WordsOf(const std::vector<matrix_federation::Finding>& findings);

/// A word that may be missing, as text.
std::string ReasonText(const matrix_federation::Failure* failure);
std::string ReasonText(const matrix_federation::MaybeFailure& failure);

/// The id as GoogleTest allows it in a test's name: SN_001.
std::string NameOf(const testing::TestParamInfo<Case>& info);

}  // namespace conformance
