// Configuration files: the input is the text. Every mistake is one line that begins with its place;
// what is accepted obeys the table of settings.

#include <algorithm>
#include <charconv>

#include "exporter/config_file.h"
#include "exporter/settings.h"
#include "matrix_federation/server_name.h"
#include "property.h"

using exporter::Homeserver;
using exporter::Setting;
using exporter::Settings;
using fuzz::Require;

namespace {

constexpr std::string_view kFile = "fuzz.yaml";
constexpr std::string_view kLabelCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

// Takes ":12" from the front: a number from 1.
bool TakeNumber(std::string_view& text) {
  if (!text.starts_with(':')) return false;
  text.remove_prefix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() && number >= 1;
}

void CheckMistake(std::string_view mistake) {
  Require(fuzz::IsShowable(mistake, 2 * fuzz::kSentenceMax),
          "a mistake is one line that can be shown: " + std::string(mistake));
  Require(mistake.starts_with(kFile), "a mistake names its file");
  std::string_view rest = mistake.substr(kFile.size());
  Require(TakeNumber(rest) && TakeNumber(rest) && rest.starts_with(": ") && rest.size() > 2,
          "a mistake reads file:line:column: what: " + std::string(mistake));
}

struct WithinBounds {
  const Setting& setting;
  bool operator()(const exporter::Milliseconds* value) const { return Within(value->count()); }
  bool operator()(const int* value) const { return Within(*value); }
  bool operator()(const bool* /*value*/) const { return true; }
  bool operator()(const std::string* value) const { return Accepts(*value); }
  bool operator()(const std::vector<std::string>* values) const {
    return std::all_of(values->begin(), values->end(), [&](auto& value) { return Accepts(value); });
  }
  bool operator()(const std::vector<int>* values) const {
    return std::all_of(values->begin(), values->end(),
                       [&](int value) { return Accepts(std::to_string(value)); });
  }
  [[nodiscard]] bool Within(std::int64_t value) const {
    return value >= setting.min && value <= setting.max;
  }
  [[nodiscard]] bool Accepts(std::string_view value) const {
    return value.empty() || setting.accepts == nullptr || setting.accepts(value);
  }
};

void CheckSettings(Settings settings) {
  for (const Setting& setting : exporter::AllSettings()) {
    Require(std::visit(WithinBounds{setting}, setting.slot(settings)),
            "a setting is within its bounds: " + std::string(setting.key));
  }
  Require(settings.probe.failure_interval <= settings.probe.interval,
          "a failing homeserver is probed no less often");
}

void CheckHomeserver(const Homeserver& server) {
  Require(matrix_federation::ServerName::Parse(server.server_name).ok(), "a server name is valid");
  Require(server.group.size() <= 256 && server.labels.size() <= 32, "labels are bounded");
  Require(std::is_sorted(server.labels.begin(), server.labels.end()), "labels are sorted");
  for (const auto& [name, value] : server.labels) {
    Require(!name.empty() && name.find_first_not_of(kLabelCharacters) == std::string::npos,
            "a label's name is one of Prometheus");
    Require(value.size() <= 256, "a label's value is bounded");
  }
  Settings own;
  own.probe = server.probe;
  CheckSettings(std::move(own));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::ToText(data, size));
  const auto loaded = exporter::ParseConfiguration(text, std::string(kFile));
  Require((loaded.settings != nullptr) == loaded.mistakes.empty(), "settings, or mistakes");
  for (const std::string& mistake : loaded.mistakes) CheckMistake(mistake);
  if (!loaded.settings) return 0;
  CheckSettings(*loaded.settings);
  Require(!loaded.settings->homeservers.empty(), "some homeserver is watched");
  for (const Homeserver& server : loaded.settings->homeservers) {
    CheckHomeserver(server);
  }
  return 0;
}
