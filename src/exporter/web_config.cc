#include "exporter/web_config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "exporter/config_text.h"
#include "exporter/duration.h"
#include "exporter/placed_sentences.h"
#include "exporter/yaml_node.h"
#include "web/password.h"

namespace exporter {
namespace {

using web::ClientCertificate;

constexpr std::chrono::hours kRateIntervalMax{1};
constexpr int kBurstMax = 1'000'000;
constexpr int kCostMax = 18;  // some twenty seconds of a core for one password

/// One key of a section. `read` is false when the value cannot stand there; `allowed` says what
/// can.
struct Key {
  std::string_view section;
  std::string_view name;
  std::string_view allowed;
  bool (*read)(const YAML::Node& value, WebConfig& config);
  const std::vector<std::string_view>* words = nullptr;  // of a list: all that may stand in it
};

constexpr std::string_view kTls = "tls_server_config";
constexpr std::string_view kHttp = "http_server_config";
constexpr std::string_view kUsers = "basic_auth_users";
constexpr std::string_view kRate = "rate_limit";
constexpr std::string_view kHeaders = "headers";

constexpr std::array<std::pair<std::string_view, ClientCertificate>, 6> kPolicies = {{
    {"NoClientCert", ClientCertificate::kNone},
    {"RequestClientCert", ClientCertificate::kRequested},
    {"RequireClientCert", ClientCertificate::kRequired},  // an older name
    {"RequireAnyClientCert", ClientCertificate::kRequired},
    {"VerifyClientCertIfGiven", ClientCertificate::kVerifiedIfGiven},
    {"RequireAndVerifyClientCert", ClientCertificate::kRequiredVerified},
}};

/// The header fields that may be set, each with its only values where there are such.
struct Header {
  std::string_view name;
  std::vector<std::string_view> values;
};

const std::vector<Header>& AllHeaders() {
  static const std::vector<Header> headers = {
      {"Content-Security-Policy", {}},         {"X-Frame-Options", {"deny", "sameorigin"}},
      {"X-Content-Type-Options", {"nosniff"}}, {"X-XSS-Protection", {}},
      {"Strict-Transport-Security", {}},
  };
  return headers;
}

bool ReadText(const YAML::Node& value, std::string& slot) {
  if (!value.IsScalar()) return false;
  slot = value.Scalar();
  return true;
}

template <std::string WebConfig::* kMember>
bool ReadFile(const YAML::Node& value, WebConfig& config) {
  return ReadText(value, config.*kMember);
}

template <std::string web::TlsSettings::* kMember>
bool ReadPem(const YAML::Node& value, WebConfig& config) {
  return ReadText(value, *config.tls.*kMember);
}

bool ReadBool(const YAML::Node& value, bool& slot) {
  return value.IsScalar() && value.Tag() != "!" && YAML::convert<bool>::decode(value, slot);
}

bool IsWord(const YAML::Node& element, const std::vector<std::string_view>* words) {
  return element.IsScalar() && (words == nullptr || std::find(words->begin(), words->end(),
                                                              element.Scalar()) != words->end());
}

bool ReadList(const YAML::Node& value, std::vector<std::string>& slot,
              const std::vector<std::string_view>* words) {
  if (!value.IsSequence()) return false;
  for (const YAML::Node& element : value) {
    if (!IsWord(element, words)) return false;
    slot.push_back(element.Scalar());
  }
  return true;
}

bool ReadVersion(const YAML::Node& value, int& slot) {
  constexpr std::array<std::string_view, 4> kVersions = {"TLS10", "TLS11", "TLS12", "TLS13"};
  const auto* found = value.IsScalar()
                          ? std::find(kVersions.begin(), kVersions.end(), value.Scalar())
                          : kVersions.end();
  if (found == kVersions.end()) return false;
  slot = 10 + static_cast<int>(found - kVersions.begin());
  return true;
}

bool ReadPolicy(const YAML::Node& value, WebConfig& config) {
  for (const auto& [word, policy] : kPolicies) {
    if (!value.IsScalar() || value.Scalar() != word) continue;
    config.tls->client_certificate = policy;
    return true;
  }
  return false;
}

bool ReadInterval(const YAML::Node& value, WebConfig& config) {
  if (!value.IsScalar()) return false;
  const auto interval =
      value.Scalar() == "0" ? std::chrono::milliseconds(0) : ParseDuration(value.Scalar());
  if (!interval || *interval > kRateIntervalMax) return false;
  config.rate_limit.interval = *interval;
  return true;
}

bool ReadBurst(const YAML::Node& value, WebConfig& config) {
  if (!value.IsScalar()) return false;
  const std::string& text = value.Scalar();
  int& burst = config.rate_limit.burst;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), burst);
  return error == std::errc() && end == text.data() + text.size() && burst >= 0 &&
         burst <= kBurstMax;
}

const std::vector<Key>& AllKeys() {
  static const std::string suites = "a list of cipher suites, of " + JoinWords(web::CipherSuites());
  static const std::string curves = "a list of curves, of " + JoinWords(web::Curves());
  static const std::vector<Key> keys = {
      {kTls, "cert", "a certificate in PEM form", ReadPem<&web::TlsSettings::certificate>},
      {kTls, "key", "a private key in PEM form", ReadPem<&web::TlsSettings::key>},
      {kTls, "client_ca", "certificates in PEM form", ReadPem<&web::TlsSettings::client_ca>},
      {kTls, "cert_file", "the name of a file", ReadFile<&WebConfig::cert_file>},
      {kTls, "key_file", "the name of a file", ReadFile<&WebConfig::key_file>},
      {kTls, "client_ca_file", "the name of a file", ReadFile<&WebConfig::client_ca_file>},
      {kTls, "client_auth_type",
       "NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or "
       "RequireAndVerifyClientCert",
       ReadPolicy},
      {kTls, "client_allowed_sans", "a list of names",
       [](const YAML::Node& value, WebConfig& config) {
         return ReadList(value, config.tls->client_allowed_sans, nullptr);
       }},
      {kTls, "min_version", "TLS10, TLS11, TLS12 or TLS13",
       [](const YAML::Node& value, WebConfig& config) {
         return ReadVersion(value, config.tls->min_version);
       }},
      {kTls, "max_version", "TLS10, TLS11, TLS12 or TLS13",
       [](const YAML::Node& value, WebConfig& config) {
         return ReadVersion(value, config.tls->max_version);
       }},
      {kTls, "cipher_suites", suites,
       [](const YAML::Node& value, WebConfig& config) {
         return ReadList(value, config.tls->cipher_suites, &web::CipherSuites());
       },
       &web::CipherSuites()},
      {kTls, "prefer_server_cipher_suites", "true or false",
       [](const YAML::Node& value, WebConfig& config) {
         return ReadBool(value, config.tls->prefer_server_cipher_suites);
       }},
      {kTls, "curve_preferences", curves,
       [](const YAML::Node& value, WebConfig& config) {
         return ReadList(value, config.tls->curves, &web::Curves());
       },
       &web::Curves()},
      {kHttp, "http2", "true or false; HTTP/2 is not spoken either way",
       [](const YAML::Node& value, WebConfig& /*config*/) {
         bool ignored = false;
         return ReadBool(value, ignored);
       }},
      {kRate, "interval", "a duration like 100ms or 1s up to 1h, or 0", ReadInterval},
      {kRate, "burst", "a number from 0 to 1000000", ReadBurst},
  };
  return keys;
}

std::vector<std::string_view> KeysOf(std::string_view section) {
  std::vector<std::string_view> names;
  for (const Key& key : AllKeys()) {
    if (key.section == section) names.push_back(key.name);
  }
  if (section == kHttp) names.push_back(kHeaders);
  return names;
}

// Turns the document into a web configuration and gathers every mistake on the way.
class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  ParsedWebConfig Read(const std::string& text) {
    const auto root = ParseYaml(text, [this](int line, int column, const std::string& what) {
      AddMistake(line, column, "", what);
    });
    if (root) ReadRoot(*root);
    ParsedWebConfig parsed;
    parsed.mistakes = mistakes_.Take();
    if (parsed.mistakes.empty()) parsed.config = std::move(config_);
    return parsed;
  }

 private:
  using Visit =
      std::function<void(const std::string& key, const YAML::Node& name, const YAML::Node& value)>;

  void ReadRoot(const YAML::Node& root) {
    ForEach(root, "", {kTls, kHttp, kUsers, kRate},
            [this](const std::string& key, const YAML::Node& name, const YAML::Node& value) {
              if (value.IsNull()) return;
              if (key == kUsers) {
                ReadUsers(value);
              } else if (key == kTls) {
                ReadTls(name, value);
              } else {
                ReadSection(key, value);
              }
              if (key == kRate && mistakes_.empty()) CheckRate(name);
            });
  }

  // Every entry of a mapping whose keys are known, or may be any where `keys` is empty.
  void ForEach(const YAML::Node& node, const std::string& path,
               const std::vector<std::string_view>& keys, const Visit& visit) {
    if (node.IsNull()) return;
    if (!node.IsMap()) {
      Mistake(node, path,
              KindOf(node) + " stands here; a mapping is allowed" +
                  (keys.empty() ? "" : ", of " + JoinWords(keys)));
      return;
    }
    std::map<std::string, bool> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const std::string place = (path.empty() ? "" : path + ".") + key.substr(0, 80);
      if (!entry.first.IsScalar()) {
        Mistake(entry.first, path, KindOf(entry.first) + " stands here; a key is allowed");
      } else if (!keys.empty() && std::find(keys.begin(), keys.end(), key) == keys.end()) {
        Mistake(entry.first, place, UnknownKey(key.substr(0, 80), keys));
      } else if (!seen.emplace(key, true).second) {
        Mistake(entry.first, place, "this key stands here twice; remove one");
      } else {
        visit(key, entry.first, entry.second);
      }
    }
  }

  void ReadSection(const std::string& section, const YAML::Node& node) {
    ForEach(node, section, KeysOf(section),
            [&](const std::string& key, const YAML::Node& name, const YAML::Node& value) {
              if (value.IsNull()) return;
              if (key == kHeaders) return ReadHeaders(value);
              const auto row = std::find_if(AllKeys().begin(), AllKeys().end(), [&](const Key& k) {
                return k.section == section && k.name == key;
              });
              if (section == kTls) config_.tls_places[key] = PlaceOf(value, section + "." + key);
              if (row->read(value, config_)) return;
              if (row->words != nullptr && value.IsSequence()) {
                return NameWrongElements(value, section + "." + key, *row);
              }
              // A key or a certificate in the wrong form is not for the log.
              const bool is_secret = key == "key";
              Mistake(value.IsScalar() ? value : name, section + "." + key,
                      (is_secret ? "what stands here" : KindOf(value)) + " is not allowed; " +
                          std::string(row->allowed));
            });
  }

  void NameWrongElements(const YAML::Node& list, const std::string& path, const Key& row) {
    for (const YAML::Node& element : list) {
      if (IsWord(element, row.words)) continue;
      Mistake(element, path, KindOf(element) + " is not allowed; " + std::string(row.allowed));
    }
  }

  void ReadTls(const YAML::Node& name, const YAML::Node& node) {
    config_.tls.emplace();
    config_.tls_place = PlaceOf(name, std::string(kTls));
    const std::size_t before = mistakes_.size();
    ReadSection(std::string(kTls), node);
    if (node.IsMap() && node.size() == 0) config_.tls.reset();
    if (config_.tls && mistakes_.size() == before) CheckTls(name);
  }

  void CheckTls(const YAML::Node& place) {
    const web::TlsSettings& tls = *config_.tls;
    const auto policy = tls.client_certificate;
    RequireOne(place, "cert", tls.certificate, config_.cert_file, /*required=*/true);
    RequireOne(place, "key", tls.key, config_.key_file, /*required=*/true);
    RequireOne(place, "client_ca", tls.client_ca, config_.client_ca_file, /*required=*/false);
    const bool has_ca = !tls.client_ca.empty() || !config_.client_ca_file.empty();
    if (has_ca && policy == ClientCertificate::kNone) {
      Mistake(place, kTls, "client_ca and client_ca_file need a client_auth_type");
    }
    if (!has_ca && (policy == ClientCertificate::kVerifiedIfGiven ||
                    policy == ClientCertificate::kRequiredVerified)) {
      Mistake(place, kTls,
              "this client_auth_type needs client_ca or client_ca_file: clients are verified by "
              "it");
    }
    if (!tls.client_allowed_sans.empty() && policy != ClientCertificate::kRequired &&
        policy != ClientCertificate::kRequiredVerified) {
      Mistake(place, kTls,
              "client_allowed_sans needs a client_auth_type that makes clients show a certificate");
    }
    if (tls.min_version > tls.max_version) {
      Mistake(place, kTls, "min_version is above max_version");
    }
    for (std::string* file : {&config_.cert_file, &config_.key_file, &config_.client_ca_file}) {
      if (!file->empty()) *file = BesideFile(*file, path_);
    }
  }

  void RequireOne(const YAML::Node& place, const std::string& key, const std::string& text,
                  const std::string& file, bool required) {
    if (text.empty() && file.empty()) {
      if (required) Mistake(place, kTls, key + "_file is missing (or " + key + ")");
    } else if (!text.empty() && !file.empty()) {
      Mistake(place, kTls, key + " and " + key + "_file both stand here; remove one");
    }
  }

  void ReadHeaders(const YAML::Node& node) {
    std::vector<std::string_view> names;
    for (const Header& header : AllHeaders()) names.push_back(header.name);
    const std::string path = std::string(kHttp).append(".").append(kHeaders);
    ForEach(node, path, names,
            [&](const std::string& key, const YAML::Node& name, const YAML::Node& value) {
              if (value.IsNull()) return;
              const auto header =
                  std::find_if(AllHeaders().begin(), AllHeaders().end(),
                               [&](const Header& known) { return known.name == key; });
              if (!IsHeaderValue(value, *header)) {
                Mistake(value.IsScalar() ? value : name, path + "." + key,
                        KindOf(value) + " is not allowed; " +
                            (header->values.empty() ? "one line of printable ASCII"
                                                    : JoinWords(header->values)));
              } else if (!value.Scalar().empty()) {
                config_.fields.push_back({key, value.Scalar()});
              }
            });
  }

  static bool IsHeaderValue(const YAML::Node& value, const Header& header) {
    if (!value.IsScalar()) return false;
    const std::string& text = value.Scalar();
    const bool is_printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return is_printable &&
           (header.values.empty() ||
            std::find(header.values.begin(), header.values.end(), text) != header.values.end());
  }

  void ReadUsers(const YAML::Node& node) {
    ForEach(node, std::string(kUsers), {},
            [this](const std::string& user, const YAML::Node& name, const YAML::Node& value) {
              const std::string path = std::string(kUsers) + "." + user.substr(0, 80);
              const auto cost = value.IsScalar() ? web::BcryptCost(value.Scalar()) : std::nullopt;
              if (user.find(':') != std::string::npos) {
                Mistake(name, path, "a user's name holds no ':' in HTTP basic authentication");
              } else if (!cost) {
                Mistake(value.IsNull() ? name : value, path,
                        "no bcrypt hash stands here; make one with htpasswd -nBC 10 \"\"");
              } else if (cost.value_or(0) > kCostMax) {
                Mistake(value, path,
                        "a bcrypt cost above " + std::to_string(kCostMax) +
                            " takes too long for each password; 10 is usual");
              } else {
                config_.users.emplace(user, value.Scalar());
              }
            });
  }

  void CheckRate(const YAML::Node& place) {
    if (config_.rate_limit.interval.count() > 0 && config_.rate_limit.burst < 1) {
      Mistake(place, kRate, "burst is missing; with 0 no request would ever be answered");
    }
  }

  [[nodiscard]] Place At(int line, int column) const { return {0, path_, line, column}; }
  [[nodiscard]] std::string PlaceOf(const YAML::Node& node, const std::string& key) const {
    return At(node.Mark().line + 1, node.Mark().column + 1).ToString() + key;
  }
  void Mistake(const YAML::Node& node, std::string_view key, const std::string& what) {
    AddMistake(node.Mark().line + 1, node.Mark().column + 1, key, what);
  }
  void AddMistake(int line, int column, std::string_view key, const std::string& what) {
    mistakes_.Add(At(line, column), key, what);
  }

  std::string path_;
  WebConfig config_;
  PlacedSentences mistakes_;
};

// Fills in the texts of the files that the TLS settings name; a sentence for each that is missing.
void ReadFiles(const WebConfig& config, web::TlsSettings& tls, LoadedWebConfig& loaded) {
  const std::array<std::tuple<const char*, const std::string*, std::string*>, 3> files = {
      {{"cert_file", &config.cert_file, &tls.certificate},
       {"key_file", &config.key_file, &tls.key},
       {"client_ca_file", &config.client_ca_file, &tls.client_ca}}};
  for (const auto& [key, file, slot] : files) {
    if (file->empty()) continue;
    loaded.files.push_back(*file);
    std::string mistake;
    auto text = ReadConfigText(*file, mistake);
    if (text) {
      *slot = std::move(*text);
    } else {
      loaded.mistakes.push_back(config.tls_places.at(key) + ": " + mistake);
    }
  }
}

}  // namespace

ParsedWebConfig ParseWebConfig(const std::string& text, const std::string& path) {
  return Reader(path).Read(text);
}

LoadedWebConfig LoadWebConfig(const std::string& path) {
  LoadedWebConfig loaded;
  loaded.files.push_back(path);
  std::string mistake;
  const auto text = ReadConfigText(path, mistake);
  if (!text) {
    loaded.mistakes.push_back(mistake + "; it is named by --web.config.file");
    return loaded;
  }
  ParsedWebConfig parsed = ParseWebConfig(*text, path);
  loaded.mistakes = std::move(parsed.mistakes);
  if (!parsed.config) return loaded;
  auto protection = std::make_shared<web::Protection>();
  if (parsed.config->tls) {
    ReadFiles(*parsed.config, *parsed.config->tls, loaded);
    if (!loaded.mistakes.empty()) return loaded;
    protection->tls = web::MakeTlsContext(*parsed.config->tls, mistake);
    if (!protection->tls) {
      loaded.mistakes.push_back(parsed.config->tls_place + ": " + mistake);
      return loaded;
    }
  }
  protection->users = std::move(parsed.config->users);
  protection->fields = std::move(parsed.config->fields);
  protection->rate_limit = parsed.config->rate_limit;
  loaded.protection = std::move(protection);
  return loaded;
}

}  // namespace exporter
