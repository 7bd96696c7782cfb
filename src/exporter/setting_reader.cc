#include "exporter/setting_reader.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "exporter/duration.h"

namespace exporter {
namespace {

// ReadSetting for a member of each type.
class ValueReader {
 public:
  ValueReader(const YAML::Node& node, const Setting& setting, std::vector<YAML::Node>& wrong)
      : node_(node), setting_(setting), wrong_(wrong) {}

  bool operator()(Milliseconds* slot) const {
    const auto duration = node_.IsScalar() ? ParseDuration(node_.Scalar()) : std::nullopt;
    return duration && Within(duration->count()) && ((*slot = *duration), true);
  }
  bool operator()(int* slot) const {
    const auto number = ReadInteger(node_);
    return number && Within(*number) && ((*slot = static_cast<int>(*number)), true);
  }
  bool operator()(bool* slot) const {
    if (!node_.IsScalar() || node_.Tag() == "!") return false;
    if (node_.Scalar() != "true" && node_.Scalar() != "false") return false;
    *slot = node_.Scalar() == "true";
    return true;
  }
  bool operator()(std::string* slot) const {
    if (!node_.IsScalar() || !Accepts(node_.Scalar())) return false;
    *slot = node_.Scalar();
    return true;
  }
  bool operator()(std::vector<std::string>* slot) const {
    if (!node_.IsSequence()) return false;
    slot->clear();
    for (const YAML::Node& element : node_) {
      if (element.IsScalar() && Accepts(element.Scalar())) {
        slot->push_back(element.Scalar());
      } else {
        wrong_.push_back(element);
      }
    }
    return wrong_.empty();
  }
  bool operator()(std::vector<int>* slot) const {
    if (!node_.IsSequence() || node_.size() == 0) return false;
    slot->clear();
    for (const YAML::Node& element : node_) {
      const auto number = ReadInteger(element);
      if (number && Accepts(element.Scalar())) {
        slot->push_back(static_cast<int>(*number));
      } else {
        wrong_.push_back(element);
      }
    }
    return wrong_.empty();
  }

 private:
  static std::optional<std::int64_t> ReadInteger(const YAML::Node& node) {
    if (!node.IsScalar()) return std::nullopt;
    const std::string& text = node.Scalar();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }
  [[nodiscard]] bool Within(std::int64_t number) const {
    return number >= setting_.min && number <= setting_.max;
  }
  [[nodiscard]] bool Accepts(const std::string& value) const {
    if (value.find('\0') != std::string::npos)
      return false;  // as an escape: it ends texts elsewhere
    return setting_.accepts == nullptr || setting_.accepts(value);
  }

  const YAML::Node& node_;
  const Setting& setting_;
  std::vector<YAML::Node>& wrong_;
};

}  // namespace

bool ReadSetting(const YAML::Node& value, const Setting& setting, Settings& settings,
                 std::vector<YAML::Node>& wrong) {
  return std::visit(ValueReader(value, setting, wrong), setting.slot(settings));
}

}  // namespace exporter
