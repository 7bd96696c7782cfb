#include "exporter/page/stored_report.h"

#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>

namespace exporter::page {

using Json = nlohmann::ordered_json;

Node::operator bool() const { return value_ != nullptr && !value_->is_null(); }

Node Node::operator[](std::string_view key) const {
  if (value_ == nullptr || !value_->is_object()) return {};
  const auto member = value_->find(std::string(key));
  return member == value_->end() ? Node() : Node(&*member);
}

std::vector<Node> Node::Items() const {
  std::vector<Node> items;
  if (value_ == nullptr || !value_->is_array()) return items;
  for (const Json& item : *value_) items.emplace_back(&item);
  return items;
}

std::vector<std::string> Node::Texts() const {
  std::vector<std::string> texts;
  for (const Node& item : Items()) texts.push_back(item.Text());
  return texts;
}

std::string Node::Text() const {
  return value_ != nullptr && value_->is_string() ? value_->get<std::string>() : std::string();
}

bool Node::IsTrue() const {
  return value_ != nullptr && value_->is_boolean() && value_->get<bool>();
}

std::optional<double> Node::Number() const {
  if (value_ == nullptr || !value_->is_number()) return std::nullopt;
  return value_->get<double>();
}

std::optional<SystemSeconds> Node::Time() const {
  const std::string text = Text();
  std::tm fields{};
  if (text.empty() || strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &fields) == nullptr) {
    return std::nullopt;
  }
  return SystemSeconds{std::chrono::seconds{timegm(&fields)}};
}

StoredReport::StoredReport(const std::string& json)
    : value_(std::make_unique<Json>(Json::parse(json, nullptr, false))) {
  if (value_->is_discarded()) *value_ = nullptr;
}

StoredReport::~StoredReport() = default;

}  // namespace exporter::page
