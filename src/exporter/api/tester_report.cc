#include "exporter/api/tester_report.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "exporter/api/indent.h"
#include "matrix_federation/signing_keys.h"

namespace exporter {
namespace {

using matrix_federation::DecodeBase64;
using matrix_federation::EncodeBase64;
using matrix_federation::SystemTime;

constexpr std::size_t kPublicKeyLength = 32;

// An object of members that are JSON already.
class ObjectText {
 public:
  void Add(std::string_view name, std::string_view json) {
    text_ += (text_.empty() ? "{" : ",") + Dump(Json(name)) + ":";
    text_ += json;
  }
  std::string Take() { return text_.empty() ? "{}" : std::move(text_) + "}"; }

 private:
  std::string text_;
};

Json Message(const std::string& text) { return {{"Message", text}}; }

std::string FirstOf(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

Json NullIfEmpty(Json list) { return list.empty() ? Json(nullptr) : std::move(list); }

Json WellKnownJson(const Json& lookup, SystemTime finished_at) {
  Json json = {{"m.server", TextOf(Member(lookup, "m_server"))}};
  std::int64_t expires = 0;
  if (TextOf(Member(lookup, "outcome")) == "ok") {
    const Json& lifetime = Member(lookup, "cache_lifetime_seconds");
    if (lifetime.is_number_integer()) {
      const auto now = std::chrono::floor<std::chrono::seconds>(finished_at).time_since_epoch();
      expires = now.count() + lifetime.get<std::int64_t>();
    }
  } else if (!IsTrue(Member(lookup, "attempted"))) {
    json["result"] = "not looked up: the server name is an address or has a port";
  } else {
    const Json& status = Member(lookup, "status");
    const bool is_other_status = status.is_number() && NumberOf(status) != 200;
    json["result"] = is_other_status ? "No .well-known found" : TextOf(Member(lookup, "detail"));
  }
  json["CacheExpiresAt"] = expires;
  return json;
}

// Of the queries for SRV records the one that found some, else the last one.
const Json& DecidingQuery(const Json& queries) {
  static const Json kNone;
  if (!queries.is_array() || queries.empty()) return kNone;
  for (const Json& query : queries) {
    if (TextOf(Member(query, "outcome")) == "found") return query;
  }
  return queries.back();
}

bool UsesServices(const Json& discovery) {
  return TextOf(Member(DecidingQuery(Member(discovery, "srv")), "outcome")) == "found";
}

Json HostsJson(const Json& discovery) {
  const bool is_target = UsesServices(discovery);
  std::map<std::string, Json> hosts;
  for (const Json& host : Member(discovery, "hosts")) {
    const std::string name = TextOf(Member(host, "host"));
    const bool is_alias = IsTrue(Member(host, "is_alias"));
    const std::string fault =
        is_alias && is_target ? "SRV record target is a CNAME record, which is forbidden (RFC 2782)"
                              : TextOf(Member(host, "detail"));
    hosts[is_target ? name + "." : name] = {
        {"CName", is_alias ? "" : name + "."},
        {"Addrs", NullIfEmpty(Member(host, "addresses"))},
        {"Error", fault.empty() ? Json(nullptr) : Message(fault)}};
  }
  Json json = Json::object();
  for (auto& [name, host] : hosts) json[name] = std::move(host);
  return NullIfEmpty(std::move(json));
}

Json DnsJson(const Json& report) {
  const Json& discovery = Member(report, "discovery");
  const Json& query = DecidingQuery(Member(discovery, "srv"));
  const bool is_found = UsesServices(discovery);
  const std::string name = TextOf(Member(query, "name"));
  Json records = Json::array();
  for (const Json& record : Member(query, "records")) {
    records.push_back({{"Target", TextOf(Member(record, "target")) + "."},
                       {"Port", Member(record, "port")},
                       {"Priority", Member(record, "priority")},
                       {"Weight", Member(record, "weight")}});
  }
  Json addresses = Json::array();
  for (const Json& endpoint : Member(report, "endpoints")) {
    addresses.push_back(Member(endpoint, "address"));
  }
  Json error = nullptr;
  if (!query.is_null() && !is_found) {
    error = Message("lookup " + name + ": " + TextOf(Member(query, "outcome")));
  }
  return {{"SRVSkipped", query.is_null()},
          {"SRVCName", is_found ? name + "." : ""},
          {"SRVRecords", NullIfEmpty(std::move(records))},
          {"SRVError", std::move(error)},
          {"Hosts", HostsJson(discovery)},
          {"Addrs", NullIfEmpty(std::move(addresses))}};
}

// "9f86" as octets.
std::string FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return octets;
}

Json CertificatesJson(const Json& certificates) {
  Json json = Json::array();
  for (const Json& each : certificates) {
    json.push_back(
        {{"SubjectCommonName", TextOf(Member(each, "subject_cn"))},
         {"IssuerCommonName", TextOf(Member(each, "issuer_cn"))},
         {"SHA256Fingerprint", EncodeBase64(FromHex(TextOf(Member(each, "fingerprint_sha256"))))},
         {"DNSNames", NullIfEmpty(Member(each, "dns_names"))}});
  }
  return json;
}

// What the tester has to say of the keys that an address serves.
struct KeyChecks {
  struct Key {
    bool valid = false;  // 32 bytes
    bool signature = false;
    std::string bytes;
  };
  bool matching_name = false;
  bool future_valid_until = false;
  std::map<std::string, Key> keys;

  [[nodiscard]] bool AllKeys() const {
    return std::all_of(keys.begin(), keys.end(),
                       [](const auto& each) { return each.second.valid && each.second.signature; });
  }
  [[nodiscard]] bool All() const {
    return matching_name && future_valid_until && !keys.empty() && AllKeys();
  }
};

std::vector<std::string> VerifiedIds(const Json& keys) {
  std::vector<std::string> ids;
  for (const Json& id : Member(keys, "verified_key_ids")) ids.push_back(TextOf(id));
  return ids;
}

// Of a document that was too large to be kept only our own verdict is known.
KeyChecks ChecksWithoutDocument(const Json& keys) {
  const bool ok = IsTrue(Member(keys, "ok"));
  KeyChecks checks{.matching_name = ok, .future_valid_until = ok};
  for (const std::string& id : VerifiedIds(keys)) checks.keys[id] = {ok, ok, {}};
  return checks;
}

KeyChecks ChecksOf(const Json& keys, const Json& document, const std::string& server_name,
                   SystemTime now) {
  if (!document.is_object()) return ChecksWithoutDocument(keys);
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch();
  KeyChecks checks;
  checks.matching_name = TextOf(Member(document, "server_name")) == server_name;
  checks.future_valid_until =
      NumberOf(Member(document, "valid_until_ts")) > static_cast<double>(milliseconds.count());
  const std::vector<std::string> verified = VerifiedIds(keys);
  for (const auto& [id, entry] : Member(document, "verify_keys").items()) {
    if (!id.starts_with("ed25519:")) continue;
    auto bytes = DecodeBase64(TextOf(Member(entry, "key")));
    KeyChecks::Key& key = checks.keys[id];
    key.valid = bytes && bytes->size() == kPublicKeyLength;
    key.signature = std::find(verified.begin(), verified.end(), id) != verified.end();
    key.bytes = std::move(bytes).value_or("");
  }
  return checks;
}

Json ChecksJson(const KeyChecks& checks, bool valid_certificates) {
  Json each = Json::object();
  for (const auto& [id, key] : checks.keys) {
    each[id] = {{"ValidEd25519", key.valid}, {"MatchingSignature", key.signature}};
  }
  return {{"AllChecksOK", checks.All() && valid_certificates},
          {"MatchingServerName", checks.matching_name},
          {"FutureValidUntilTS", checks.future_valid_until},
          {"HasEd25519Key", !checks.keys.empty()},
          {"AllEd25519ChecksOK", checks.keys.empty() ? Json(nullptr) : Json(checks.AllKeys())},
          {"Ed25519Checks", std::move(each)},
          {"ValidCertificates", valid_certificates}};
}

Json VerifyKeysJson(const KeyChecks& checks) {
  if (!checks.All()) return nullptr;
  Json json = Json::object();
  for (const auto& [id, key] : checks.keys) json[id] = EncodeBase64(key.bytes);
  return json;
}

std::string ConnectionReport(const Json& endpoint, const std::string& document,
                             const std::string& server_name, SystemTime now) {
  const Json& tls = Member(endpoint, "tls");
  const bool is_verified = IsTrue(Member(tls, "verified"));
  const Json parsed = Json::parse(document, nullptr, /*allow_exceptions=*/false);
  const KeyChecks checks = ChecksOf(Member(endpoint, "keys"), parsed, server_name, now);
  Json errors = Json::array();
  if (!is_verified) errors.push_back(Message(TextOf(Member(endpoint, "detail"))));
  ObjectText report;
  report.Add("Certificates", Dump(CertificatesJson(Member(tls, "certificates"))));
  report.Add("Cipher", Dump({{"Version", TextOf(Member(tls, "version"))},
                             {"CipherSuite", TextOf(Member(tls, "cipher"))}}));
  report.Add("Checks", Dump(ChecksJson(checks, is_verified)));
  report.Add("Errors", Dump(errors));
  report.Add("Ed25519VerifyKeys", Dump(VerifyKeysJson(checks)));
  report.Add("Info", "{}");
  report.Add("Keys", parsed.is_object() ? document : "null");
  return report.Take();
}

// Whether the address gave its keys, whatever they and its certificate are worth.
bool GaveKeys(const Json& endpoint, const std::string& document) {
  return !document.empty() || IsTrue(Member(endpoint, "keys", "ok"));
}

std::string ConnectionError(const Json& endpoint) {
  const Json& keys = Member(endpoint, "keys");
  const Json& status = Member(keys, "status");
  if (status.is_number_integer() && status.get<int>() != 200) {
    return "Non-200 response " + std::to_string(status.get<int>()) + " from remote server";
  }
  return FirstOf({TextOf(Member(keys, "detail")), TextOf(Member(endpoint, "detail")),
                  TextOf(Member(endpoint, "reason")), "no answer"});
}

// Its reader takes a version without name and number for one.
bool IsVersion(const Json& version) {
  const std::string reason = TextOf(Member(version, "reason"));
  return IsTrue(Member(version, "ok")) || reason == "version_missing_server" ||
         reason == "version_missing_version";
}

// The first one that an address with a good certificate gave; null when none did.
const Json& GoodVersion(const Json& report) {
  static const Json kNone;
  for (const Json& endpoint : Member(report, "endpoints")) {
    const Json& version = Member(endpoint, "version");
    if (IsTrue(Member(endpoint, "tls", "verified")) && IsVersion(version)) return version;
  }
  return kNone;
}

std::string CheckDetail(const Json& report, std::string_view check) {
  for (const Json& each : Member(report, "checks")) {
    if (TextOf(Member(each, "name")) == check) return TextOf(Member(each, "detail"));
  }
  return {};
}

Json VersionJson(const Json& report) {
  const Json& version = GoodVersion(report);
  if (version.is_null()) {
    return {{"error", FirstOf({CheckDetail(report, "version_is_reported"),
                               TextOf(Member(report, "detail")), "no address gave a version"})}};
  }
  Json json = Json::object();
  for (const char* member : {"name", "version"}) {
    const std::string text = TextOf(Member(version, member));
    if (!text.empty()) json[member] = text;
  }
  return json;
}

bool NamesNoServer(const Json& report) {
  return TextOf(Member(Member(report, "discovery", "well_known"), "reason")) ==
         "wellknown_invalid_m_server";
}

// Where SRV records lead to aliases only, the tester contacts nobody.
bool LeadsToAliasesOnly(const Json& discovery) {
  const Json& hosts = Member(discovery, "hosts");
  return UsesServices(discovery) && !hosts.empty() &&
         std::all_of(hosts.begin(), hosts.end(),
                     [](const Json& host) { return IsTrue(Member(host, "is_alias")); });
}

bool EveryAddressWorks(const Json& report) {
  if (IsTrue(Member(report, "all_addresses_ok"))) return true;
  // Which is false for what the operator expects beyond federation, too.
  const Json& endpoints = Member(report, "endpoints");
  return TextOf(Member(report, "reason")).starts_with("expectation_") && !endpoints.empty() &&
         std::all_of(endpoints.begin(), endpoints.end(),
                     [](const Json& endpoint) { return IsTrue(Member(endpoint, "ok")); });
}

}  // namespace

bool TesterVerdict(const Json& report) {
  return EveryAddressWorks(report) && !GoodVersion(report).is_null() && !NamesNoServer(report) &&
         !LeadsToAliasesOnly(Member(report, "discovery"));
}

std::string TesterReport(const Json& report, const std::vector<std::string>& key_documents,
                         SystemTime finished_at) {
  const Json& lookup = Member(report, "discovery", "well_known");
  std::map<std::string, std::string> reports;
  std::map<std::string, std::string> errors;
  std::size_t number = 0;
  for (const Json& endpoint : Member(report, "endpoints")) {
    const std::string document = number < key_documents.size() ? key_documents[number] : "";
    ++number;
    const std::string address = TextOf(Member(endpoint, "address"));
    if (GaveKeys(endpoint, document)) {
      reports[address] =
          ConnectionReport(endpoint, document, TextOf(Member(report, "server_name")), finished_at);
    } else {
      errors[address] = Dump(Message(ConnectionError(endpoint)));
    }
  }
  const auto object_of = [](const auto& members) {
    ObjectText object;
    for (const auto& [name, json] : members) object.Add(name, json);
    return object.Take();
  };
  ObjectText text;
  if (NamesNoServer(report)) {
    text.Add("Error", Dump(Json("Invalid server name in .well-known result: " +
                                TextOf(Member(lookup, "detail")))));
  }
  text.Add("WellKnownResult", Dump(WellKnownJson(lookup, finished_at)));
  text.Add("DNSResult", Dump(DnsJson(report)));
  text.Add("ConnectionReports", object_of(reports));
  text.Add("ConnectionErrors", object_of(errors));
  text.Add("Version", Dump(VersionJson(report)));
  text.Add("FederationOK", TesterVerdict(report) ? "true" : "false");
  return Indent(text.Take());
}

}  // namespace exporter
