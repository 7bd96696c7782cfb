#include "exporter/api/configuration.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "exporter/api/answers.h"
#include "exporter/duration.h"

namespace exporter {
namespace {

constexpr std::size_t kPartSize = std::size_t{256} * 1024;

// Any text: YAML reads the strings of JSON.
std::string QuoteYaml(const std::string& text) { return Dump(Json(text)); }

struct ValueWriter {
  std::string operator()(const Milliseconds* value) const { return FormatDuration(*value); }
  std::string operator()(const int* value) const { return std::to_string(*value); }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::string* value) const { return QuoteYaml(*value); }
  std::string operator()(const std::vector<std::string>* values) const {
    return List(*values, QuoteYaml);
  }
  std::string operator()(const std::vector<int>* values) const {
    return List(*values, [](int value) { return std::to_string(value); });
  }

 private:
  template <typename Values, typename Write>
  static std::string List(const Values& values, Write write) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + write(value);
    return "[" + text + "]";
  }
};

std::string ValueOf(const Setting& setting, Settings& settings) {
  return std::visit(ValueWriter{}, setting.slot(settings));
}

std::string GeneralSettings(Settings settings) {
  // The homeservers of those files stand below.
  settings.homeserver_files.clear();
  std::string out = "# The configuration in force, of all files, with every default.\n";
  for (const std::string_view section : AllSections()) {
    out += std::string(section) + ":\n";
    for (const Setting& setting : AllSettings()) {
      if (setting.section != section) continue;
      out += "  " + std::string(setting.key) + ": " + ValueOf(setting, settings) + "\n";
    }
  }
  for (const Setting& setting : AllSettings()) {
    if (!setting.section.empty()) continue;
    out += std::string(setting.key) + ": " + ValueOf(setting, settings) + "\n";
  }
  return out;
}

// ", key: value" for each key of these whose value is another one in `settings` than in `general`.
template <typename IsMeant>
std::string Differences(Settings& settings, Settings& general, IsMeant is_meant) {
  std::string out;
  for (const Setting& setting : AllSettings()) {
    if (!is_meant(setting)) continue;
    const std::string value = ValueOf(setting, settings);
    if (value == ValueOf(setting, general)) continue;
    out += ", " + std::string(setting.key) + ": " + value;
  }
  return out;
}

std::string LabelsOf(const Homeserver& server) {
  std::string out;
  for (const auto& [name, value] : server.labels) {
    out += (out.empty() ? "" : ", ") + QuoteYaml(name) + ": " + QuoteYaml(value);
  }
  return out;
}

std::string HomeserverLine(const Homeserver& server, Settings& general) {
  Settings own;
  own.probe = server.probe;
  own.expect = server.expect;
  std::string out = "  - {server_name: " + QuoteYaml(server.server_name);
  if (!server.group.empty()) out += ", group: " + QuoteYaml(server.group);
  if (!server.labels.empty()) out += ", labels: {" + LabelsOf(server) + "}";
  out += Differences(own, general, [](const Setting& each) { return each.per_server; });
  const std::string expected =
      Differences(own, general, [](const Setting& each) { return each.section == kExpectSection; });
  if (!expected.empty()) {
    out += ", " + std::string(kExpectSection) + ": {" + expected.substr(2) + "}";
  }
  return out + "}\n";
}

// The file in parts.
class Parts {
 public:
  Parts(Settings settings, std::vector<std::shared_ptr<const Homeserver>> servers)
      : general_(std::move(settings)), servers_(std::move(servers)) {}

  std::string_view operator()() {
    part_.clear();
    if (!begun_) {
      part_ =
          GeneralSettings(general_) + (servers_.empty() ? "homeservers: []\n" : "homeservers:\n");
      begun_ = true;
    }
    while (next_ < servers_.size() && part_.size() < kPartSize) {
      part_ += HomeserverLine(*servers_[next_++], general_);
    }
    return part_;
  }

 private:
  Settings general_;
  std::vector<std::shared_ptr<const Homeserver>> servers_;
  std::string part_;
  std::size_t next_ = 0;
  bool begun_ = false;
};

}  // namespace

web::Response ShowConfiguration(const Settings& settings, const Board& board,
                                const web::Request& request) {
  std::vector<std::shared_ptr<const Homeserver>> servers;
  servers.reserve(board.rows().size());
  for (const Row& row : board.rows()) servers.push_back(row.server);
  return InParts(web::Text(200, ""), web::Parts(Parts(settings, std::move(servers))), request.gzip);
}

}  // namespace exporter
