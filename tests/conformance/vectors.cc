#include "conformance/vectors.h"

#include <algorithm>
#include <chrono>
#include <ostream>

namespace conformance {
namespace {

const YAML::Node& File() {
  static const YAML::Node file = YAML::LoadFile(VECTORS_FILE);
  return file;
}

std::set<std::string>& Judged() {
  static std::set<std::string> ids;
  return ids;
}

matrix_federation::SystemTime FromMilliseconds(const YAML::Node& node) {
  return matrix_federation::SystemTime{std::chrono::milliseconds{node.as<std::int64_t>()}};
}

}  // namespace

void PrintTo(const Case& each, std::ostream* out) { *out << each.id << ": " << each.description; }

const std::vector<Case>& AllCases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> list;
    for (const YAML::Node& vector : File()["vectors"]) {
      list.push_back({vector["id"].as<std::string>(), vector["area"].as<std::string>(),
                      vector["description"].as<std::string>(), vector["input"],
                      vector["expected"]});
    }
    return list;
  }();
  return cases;
}

std::vector<Case> CasesWith(std::string_view area, std::string_view member) {
  std::vector<Case> cases;
  for (const Case& each : AllCases()) {
    if (each.area != area || !each.input[std::string(member)]) continue;
    cases.push_back(each);
    Judged().insert(each.id);
  }
  return cases;
}

const std::set<std::string>& JudgedIds() { return Judged(); }

matrix_federation::SystemTime Now() { return FromMilliseconds(File()["meta"]["now_ms"]); }

matrix_federation::SystemTime NowOf(const Case& each) {
  return each.input["now_ms"] ? FromMilliseconds(each.input["now_ms"]) : Now();
}

YAML::Node At(const YAML::Node& node, const std::string& dotted) {
  const std::size_t dot = dotted.find('.');
  const YAML::Node member = node[dotted.substr(0, dot)];
  if (!member || dot == std::string::npos) return member;
  return At(member, dotted.substr(dot + 1));
}

std::string TextOf(const YAML::Node& node) {
  return !node || node.IsNull() ? "null" : node.as<std::string>();
}

std::vector<std::string> TextsOf(const YAML::Node& list) {
  std::vector<std::string> texts;
  for (const YAML::Node& item : list) texts.push_back(TextOf(item));
  return texts;
}

std::set<std::string> RightValues(const Case& each, const std::string& name) {
  std::set<std::string> values = {TextOf(At(each.expected, name))};
  if (const YAML::Node alternatives = each.expected["alternatives"]) {
    const std::vector<std::string> more = TextsOf(alternatives[name]);
    values.insert(more.begin(), more.end());
  }
  return values;
}

std::set<std::string> WordsOf(const std::vector<matrix_federation::Finding>& findings) {
  std::set<std::string> words;
  for (const auto& finding : findings) words.emplace(Word(finding.warning));
  return words;
}

std::string ReasonText(const matrix_federation::Failure* failure) {
  return failure == nullptr ? "null" : std::string(Word(failure->reason));
}

std::string ReasonText(const matrix_federation::MaybeFailure& failure) {
  return ReasonText(failure ? &*failure : nullptr);
}

std::string NameOf(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.id;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace conformance
