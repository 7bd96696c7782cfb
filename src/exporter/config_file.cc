#include "exporter/config_file.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>

#include "exporter/config_text.h"
#include "exporter/duration.h"
#include "exporter/file_watch.h"
#include "exporter/placed_sentences.h"
#include "exporter/setting_reader.h"
#include "exporter/yaml_node.h"
#include "matrix_federation/certificate.h"
#include "matrix_federation/label.h"
#include "matrix_federation/server_name.h"

namespace exporter {
namespace {

using matrix_federation::ToLabel;

constexpr std::size_t kHomeserversMax = 200'000;
constexpr std::size_t kLabelsMax = 32;
constexpr std::size_t kLabelValueMax = 256;
constexpr std::size_t kElementsShownMax = 5;

bool IsLabelName(const std::string& name) {
  if (name.empty() || name.starts_with("__") || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

std::uint64_t Fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

// Turns documents into settings and gathers every mistake on the way.
class Reader {
 public:
  explicit Reader(std::string name) : files_{std::move(name)} {}

  void ReadMain(const std::string& text) {
    const auto root = Parse(text);
    if (!root) return;
    if (root->IsNull()) return;
    if (!root->IsMap()) {
      Mistake(*root, "",
              "the file holds " + KindOf(*root) +
                  "; it must be a mapping with the key "
                  "homeservers at least");
      return;
    }
    // General settings first: homeservers inherit them, wherever they stand in the file.
    const auto entries = ReadMap(*root, "", TopLevelKeys());
    for (const auto& [key, entry] : entries) {
      if (IsSection(key)) ReadSection(key, entry.value);
      if (key == "homeserver_files") {
        Set("", key, entry, settings_);
        if (!entry.value.IsSequence()) continue;
        for (const YAML::Node& each : entry.value) {
          if (each.IsScalar()) pattern_marks_.push_back(each.Mark());
        }
      }
    }
    std::string& ca_file = settings_.tls.ca_file;
    if (!ca_file.empty()) ca_file = BesideFile(ca_file, files_.front());
    const auto list = entries.find("homeservers");
    if (list != entries.end()) ReadHomeservers(list->second.value);
    has_list_ = list != entries.end();
  }

  /// Those that the main file names, after it was read.
  [[nodiscard]] FurtherFiles NamedFiles() const {
    return {settings_.homeserver_files, settings_.tls.ca_file};
  }

  /// What is trusted has to be there: else a reload would be refused without a word of where.
  void LookAtCaFile() {
    const std::string& file = settings_.tls.ca_file;
    if (file.empty()) return;
    std::string error;
    if (!matrix_federation::CertificateVerifier::Create(file, error)) {
      Mistake(*ca_file_place_, "tls.ca_file", error);
    }
  }

  /// The further files, each once however many patterns name it; returns the hash over all bytes.
  std::uint64_t ReadFurtherFiles(std::uint64_t hash) {
    std::set<std::string> known{Canonical(files_.front())};  // a pattern may match this one too
    for (std::size_t i = 0; i < settings_.homeserver_files.size(); ++i) {
      std::string mistake;
      const auto files = ExpandPattern(settings_.homeserver_files[i], files_.front(), mistake);
      if (!mistake.empty()) {
        MistakeOfFurther(i, mistake);
      } else if (files.empty()) {
        empty_patterns_.push_back(i);
      }
      for (const std::string& file : files) {
        if (!known.insert(Canonical(file)).second) continue;
        const auto text = ReadConfigText(file, mistake);
        if (!text) {
          MistakeOfFurther(i, mistake);
          continue;
        }
        hash = Fnv1a(*text, hash);
        files_.push_back(file);
        if (const auto root = Parse(*text)) ReadHomeservers(*root);
      }
    }
    return hash;
  }

  void RequireHomeservers() {
    if (!settings_.homeservers.empty() || !mistakes_.empty()) return;
    for (const std::size_t pattern : empty_patterns_) {
      MistakeOfFurther(pattern, "no file matches, and no homeserver is listed elsewhere");
    }
    if (!mistakes_.empty()) return;
    AddMistake(1, 1, "homeservers",
               has_list_ || !settings_.homeserver_files.empty()
                   ? "no homeserver is listed; name at least one, like '- example.org'"
                   : "the key is missing; list the homeservers to watch, like '- example.org'");
  }

  /// In the order of the files and of their lines.
  std::vector<std::string> TakeMistakes() { return mistakes_.Take(); }
  std::vector<std::string> TakeWarnings() { return warnings_.Take(); }

  /// Homeservers with intervals of their own have inherited what was written, so this comes last.
  Settings TakeSettings() {
    LimitFailureInterval(settings_.probe);
    return std::move(settings_);
  }

 private:
  struct Entry {
    YAML::Node key;
    YAML::Node value;
    /// Where the value stands; for a missing one yaml-cpp names whatever comes next.
    [[nodiscard]] const YAML::Node& place() const { return value.IsNull() ? key : value; }
  };
  using Entries = std::map<std::string, Entry>;

  static bool IsSection(std::string_view key) {
    return std::find(AllSections().begin(), AllSections().end(), key) != AllSections().end();
  }

  static std::vector<std::string_view> TopLevelKeys() {
    std::vector<std::string_view> keys(AllSections().begin(), AllSections().end());
    keys.insert(keys.end(), {"homeserver_files", "homeservers"});
    return keys;
  }

  static std::vector<std::string_view> KeysOf(std::string_view section, bool per_server_only) {
    std::vector<std::string_view> keys;
    for (const Setting& setting : AllSettings()) {
      if (setting.section == section && (!per_server_only || setting.per_server)) {
        keys.push_back(setting.key);
      }
    }
    return keys;
  }

  std::optional<YAML::Node> Parse(const std::string& text) {
    return ParseYaml(text, [this](int line, int column, const std::string& what) {
      AddMistake(line, column, "", what);
    });
  }

  // The entries of a mapping whose keys are known; the others are mistakes.
  Entries ReadMap(const YAML::Node& node, const std::string& prefix,
                  const std::vector<std::string_view>& keys) {
    Entries entries;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar().substr(0, 80) : "";
      const std::string path = prefix.empty() ? key : prefix + "." + key;
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        Mistake(entry.first, path, UnknownKey(key, keys));
      } else if (!entries.emplace(key, Entry{entry.first, entry.second}).second) {
        Mistake(entry.first, path, "this key stands here twice; remove one");
      }
    }
    return entries;
  }

  void ReadSection(const std::string& section, const YAML::Node& node) {
    if (!node.IsMap()) {
      if (node.IsNull()) return;
      Mistake(node, section,
              KindOf(node) + " stands here; a mapping of " + JoinWords(KeysOf(section, false)) +
                  " is allowed");
      return;
    }
    const Entries entries = ReadMap(node, section, KeysOf(section, false));
    for (const auto& [key, entry] : entries) {
      Set(section, key, entry, settings_);
      if (section == "tls" && key == "ca_file") ca_file_place_ = entry.place();
    }
    if (section == "probe") WarnOfIntervals(entries, settings_.probe, section);
  }

  // `probe` before LimitFailureInterval, and `entries` what this place itself says of it.
  void WarnOfIntervals(const Entries& entries, const ProbeSettings& probe,
                       const std::string& path) {
    const std::string interval = FormatDuration(probe.interval);
    const auto failure = entries.find("failure_interval");
    if (failure != entries.end() && probe.failure_interval > probe.interval) {
      Warning(failure->second, path + ".failure_interval",
              "longer than the interval of " + interval + ", which holds while it fails as well");
    }
    if (probe.interval <= probe.stale_after) return;
    for (const char* key : {"interval", "stale_after"}) {
      const auto entry = entries.find(key);
      if (entry == entries.end()) continue;
      Warning(entry->second, path + "." + key,
              "the interval of " + interval + " is longer than stale_after, " +
                  FormatDuration(probe.stale_after) +
                  ": each result is withheld from then until the next one");
      return;
    }
  }

  // `prefix` stands before the key in a mistake, where that is not the section.
  void Set(std::string_view section, const std::string& key, const Entry& entry, Settings& settings,
           std::string_view prefix = {}) {
    for (const Setting& setting : AllSettings()) {
      if (setting.section != section || setting.key != key) continue;
      std::vector<YAML::Node> wrong;
      if (ReadSetting(entry.value, setting, settings, wrong)) return;
      const std::string parent(prefix.empty() ? section : prefix);
      const std::string path = parent.empty() ? key : parent + "." + key;
      for (const YAML::Node& element : wrong) {
        Mistake(element, path,
                Describe(element) + " is not allowed here; " + std::string(setting.allowed));
      }
      if (!wrong.empty()) return;
      Mistake(entry.place(), path,
              Describe(entry.value) + " is not allowed here; " + Allowed(setting));
    }
  }

  static std::string Describe(const YAML::Node& node) {
    if (!node.IsSequence()) return KindOf(node);
    std::string elements;
    for (std::size_t i = 0; i < std::min(node.size(), kElementsShownMax); ++i) {
      elements += (i == 0 ? "" : ", ") + (node[i].IsScalar() ? ToLabel(node[i].Scalar()) : "…");
    }
    return "[" + elements + (node.size() > kElementsShownMax ? ", …]" : "]");
  }

  // While it fails, a homeserver is not to be probed less often than while it works.
  static void LimitFailureInterval(ProbeSettings& probe) {
    probe.failure_interval = std::min(probe.failure_interval, probe.interval);
  }

  void ReadHomeservers(const YAML::Node& list) {
    if (list.IsNull()) return;
    if (!list.IsSequence()) {
      Mistake(
          list, "homeservers",
          KindOf(list) + " stands here; a list of server names is allowed, like '- example.org'");
      return;
    }
    for (const YAML::Node& element : list) {
      if (settings_.homeservers.size() == kHomeserversMax) {
        Mistake(element, "homeservers",
                "more than 200000 homeservers; spread them over several "
                "exporters");
        return;
      }
      ReadHomeserver(element);
    }
  }

  void ReadHomeserver(const YAML::Node& element) {
    const std::string path = "homeservers";
    Homeserver server;
    server.probe = settings_.probe;
    YAML::Node name = element;
    if (element.IsMap()) {
      auto keys = KeysOf("probe", true);
      keys.insert(keys.begin(), {"server_name", "group", "labels", kExpectSection});
      const Entries entries = ReadMap(element, path, keys);
      const auto named = entries.find("server_name");
      if (named == entries.end()) {
        Mistake(element, path,
                "an entry without server_name; add one, like 'server_name: "
                "example.org'");
        return;
      }
      name = named->second.value;
      ReadDetails(entries, server);
    }
    if (!name.IsScalar()) {
      Mistake(name, path,
              KindOf(name) + " stands here; a server name is allowed, like example.org");
      return;
    }
    server.server_name = name.Scalar();
    const auto parsed = matrix_federation::ServerName::Parse(server.server_name);
    if (!parsed) {
      Mistake(name, path, parsed.failure().detail);
      return;
    }
    AddHomeserver(name, std::move(server));
  }

  void AddHomeserver(const YAML::Node& name, Homeserver server) {
    const std::string place = files_.back() + ":" + std::to_string(name.Mark().line + 1);
    const auto [first, added] = places_.emplace(server.server_name, place);
    if (!added) {
      Mistake(name, "homeservers",
              Quote(server.server_name) + " is listed already, at " + first->second +
                  "; remove one of the two");
      return;
    }
    LimitFailureInterval(server.probe);
    settings_.homeservers.push_back(std::move(server));
  }

  void ReadDetails(const Entries& entries, Homeserver& server) {
    Settings scratch;
    scratch.probe = settings_.probe;
    for (const auto& [key, entry] : entries) {
      const YAML::Node& value = entry.value;
      if (key == "group") {
        if (!IsLabelValue(value)) {
          Mistake(entry.place(), "homeservers.group",
                  KindOf(value) + " is not allowed here; a word of at most 256 bytes, without NUL");
        } else {
          server.group = value.Scalar();
        }
      } else if (key == "labels") {
        ReadLabels(entry, server);
      } else if (key == kExpectSection) {
        ReadExpectations(entry, server);
      } else if (key != "server_name") {
        Set("probe", key, entry, scratch, "homeservers");
      }
    }
    WarnOfIntervals(entries, scratch.probe, "homeservers");
    server.probe = scratch.probe;
  }

  void ReadExpectations(const Entry& expect, Homeserver& server) {
    const std::string path = "homeservers.expect";
    const auto keys = KeysOf(kExpectSection, false);
    if (!expect.value.IsMap()) {
      Mistake(
          expect.place(), path,
          KindOf(expect.value) + " stands here; a mapping of " + JoinWords(keys) + " is allowed");
      return;
    }
    Settings scratch;
    for (const auto& [key, entry] : ReadMap(expect.value, path, keys)) {
      Set(kExpectSection, key, entry, scratch, path);
    }
    server.expect = std::move(scratch.expect);
  }

  // Prometheus' text format has no NUL, and one spoils a whole scrape.
  static bool IsLabelValue(const YAML::Node& node) {
    return node.IsScalar() && node.Scalar().size() <= kLabelValueMax &&
           node.Scalar().find('\0') == std::string::npos;
  }

  void ReadLabels(const Entry& labels, Homeserver& server) {
    const std::string path = "homeservers.labels";
    const YAML::Node& node = labels.value;
    if (!node.IsMap() || node.size() > kLabelsMax) {
      Mistake(labels.place(), path,
              KindOf(node) +
                  " stands here; a mapping of at most 32 labels is allowed, "
                  "like {team: chat}");
      return;
    }
    std::set<std::string> names;
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!IsLabelName(name) || name == "server_name" || name == "group") {
        Mistake(entry.first, path,
                Quote(name) +
                    " cannot be a label name; letters, digits and '_' are allowed, not "
                    "server_name or group, not a leading digit or '__'");
      } else if (!IsLabelValue(entry.second)) {
        Mistake(entry.second, path + "." + ToLabel(name),
                KindOf(entry.second) +
                    " is not allowed here; a value of at most 256 bytes, without NUL");
      } else if (!names.insert(name).second) {
        Mistake(entry.first, path + "." + ToLabel(name), "this key stands here twice; remove one");
      } else {
        server.labels.emplace_back(name, entry.second.Scalar());
      }
    }
    std::sort(server.labels.begin(), server.labels.end());
  }

  void Mistake(const YAML::Node& node, const std::string& key, const std::string& what) {
    AddMistake(node.Mark().line + 1, node.Mark().column + 1, key, what);
  }
  void AddMistake(int line, int column, const std::string& key, const std::string& what) {
    mistakes_.Add(At(files_.size() - 1, line, column), key, what);
  }
  void Warning(const Entry& entry, const std::string& key, const std::string& what) {
    const YAML::Mark mark = entry.place().Mark();
    warnings_.Add(At(files_.size() - 1, mark.line + 1, mark.column + 1), key, what);
  }
  [[nodiscard]] Place At(std::size_t file, int line, int column) const {
    return {file, files_[file], line, column};
  }
  // About what stands at this place in homeserver_files.
  void MistakeOfFurther(std::size_t index, const std::string& what) {
    const YAML::Mark& mark = pattern_marks_[index];
    mistakes_.Add(At(0, mark.line + 1, mark.column + 1), "homeserver_files",
                  Quote(settings_.homeserver_files[index]) + ": " + what);
  }

  // However it is spelled and linked.
  static std::string Canonical(const std::string& file) {
    std::error_code error;
    const auto path = std::filesystem::weakly_canonical(file, error);
    return error ? file : path.string();
  }

  std::vector<std::string> files_;  // the main one, and those read so far
  Settings settings_;
  PlacedSentences mistakes_;
  PlacedSentences warnings_;
  std::unordered_map<std::string, std::string> places_;  // server name to "file:line"
  bool has_list_ = false;
  std::optional<YAML::Node> ca_file_place_;
  std::vector<YAML::Mark> pattern_marks_;    // of homeserver_files
  std::vector<std::size_t> empty_patterns_;  // which of them match no file
};

}  // namespace

LoadedConfiguration LoadConfiguration(const std::string& path, bool may_be_empty) {
  LoadedConfiguration loaded;
  loaded.look = LookAtFiles(path, {}, "");
  std::string mistake;
  const auto text = ReadConfigText(path, mistake);
  if (!text) {
    const bool is_there = access(path.c_str(), F_OK) == 0;
    loaded.mistakes.push_back(mistake +
                              (is_there ? "" : "; name the configuration with --config.file"));
    return loaded;
  }
  Reader reader(path);
  reader.ReadMain(*text);
  loaded.files = reader.NamedFiles();
  const auto look = LookAtFiles(path, loaded.files.homeserver_files, loaded.files.ca_file);
  const bool was_written = LookAtFiles(path, {}, "") != loaded.look;
  loaded.look = was_written ? 0 : look;
  reader.LookAtCaFile();
  loaded.hash = reader.ReadFurtherFiles(Fnv1a(*text, 0xcbf29ce484222325));
  if (!may_be_empty) reader.RequireHomeservers();
  loaded.mistakes = reader.TakeMistakes();
  if (loaded.mistakes.empty()) {
    loaded.warnings = reader.TakeWarnings();
    loaded.settings = std::make_shared<Settings>(reader.TakeSettings());
  }
  return loaded;
}

LoadedConfiguration ParseConfiguration(const std::string& text, const std::string& name) {
  LoadedConfiguration loaded;
  Reader reader(name);
  reader.ReadMain(text);
  reader.RequireHomeservers();
  loaded.hash = Fnv1a(text, 0xcbf29ce484222325);
  loaded.mistakes = reader.TakeMistakes();
  if (loaded.mistakes.empty()) {
    loaded.warnings = reader.TakeWarnings();
    loaded.settings = std::make_shared<Settings>(reader.TakeSettings());
  }
  return loaded;
}

}  // namespace exporter
