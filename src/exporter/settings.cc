#include "exporter/settings.h"

#include <openssl/ssl.h>

#include <array>

#include "exporter/duration.h"
#include "matrix_federation/ip_address.h"
#include "matrix_federation/server_name.h"
#include "matrix_federation/server_version.h"

namespace exporter {
namespace {

constexpr std::int64_t kSecond = 1'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

bool IsTlsVersion(std::string_view value) { return value == "1.2" || value == "1.3"; }
bool IsIpVersion(std::string_view value) { return value == "4" || value == "6"; }
bool IsRange(std::string_view value) { return matrix_federation::AddressRanges().Add(value); }

// "192.0.2.53", "127.0.0.1:5353", "::1", "[::1]:53".
bool IsDnsServer(std::string_view value) {
  using matrix_federation::IpAddress;
  if (IpAddress::Parse(value)) return true;
  const std::size_t colon = value.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view port = value.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || std::stoi(std::string(port)) < 1 || std::stoi(std::string(port)) > 65535) {
    return false;
  }
  std::string_view host = value.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::Parse(host);
  return address && bracketed == (address->version() == 6);
}

bool IsServerName(std::string_view value) {
  return static_cast<bool>(matrix_federation::ServerName::Parse(std::string(value)));
}
bool IsVersion(std::string_view value) {
  return value.size() <= 64 && matrix_federation::SoftwareVersion::Parse(value).has_value();
}
bool IsSoftwareName(std::string_view value) { return !value.empty() && value.size() <= 64; }

bool IsHeaderText(std::string_view value) {
  for (const char c : value) {
    if (c < 0x20 || c > 0x7e) return false;
  }
  return value.size() <= 256;
}

// clang-format off
constexpr std::array kSettings = {
    Setting{.section = "probe", .key = "interval",
            .slot = [](Settings& s) -> Slot { return &s.probe.interval; },
            .min = kSecond, .max = kDay,
            .sentence = "How often each homeserver is checked; starts are spread over the interval by a hash of the name.", .per_server = true},
    Setting{.section = "probe", .key = "failure_interval",
            .slot = [](Settings& s) -> Slot { return &s.probe.failure_interval; },
            .min = kSecond, .max = kDay,
            .sentence = "How often while it fails; never slower than the interval.", .per_server = true},
    Setting{.section = "probe", .key = "timeout",
            .slot = [](Settings& s) -> Slot { return &s.probe.timeout; },
            .min = kSecond, .max = 5 * kMinute,
            .sentence = "One whole probe of one homeserver.", .per_server = true},
    Setting{.section = "probe", .key = "max_in_flight",
            .slot = [](Settings& s) -> Slot { return &s.probe.max_in_flight; },
            .min = 1, .max = 10'000,
            .sentence = "Probes at once, over all threads."},
    Setting{.section = "probe", .key = "threads",
            .slot = [](Settings& s) -> Slot { return &s.probe.threads; },
            .min = 1, .max = 64,
            .sentence = "Probe loops, each with its share of the homeservers; one is enough for several hundred checks a second."},
    Setting{.section = "probe", .key = "stale_after",
            .slot = [](Settings& s) -> Slot { return &s.probe.stale_after; },
            .min = kSecond, .max = 30 * kDay,
            .sentence = "Results older than this are withheld from /metrics; freshness metrics stay.", .per_server = true},
    Setting{.section = "probe", .key = "retries",
            .slot = [](Settings& s) -> Slot { return &s.probe.retries; },
            .min = 0, .max = 5,
            .sentence = "Further attempts at an address, of the .well-known lookup and of a DNS question within one probe, for transient faults only (time-outs, resets, SERVFAIL), never for verdicts.", .per_server = true},
    Setting{.section = "dns", .key = "servers",
            .slot = [](Settings& s) -> Slot { return &s.dns.servers; },
            .allowed = "addresses with or without a port, like 192.0.2.53, 127.0.0.1:5353 or [::1]:53",
            .sentence = "DNS servers to ask; empty: the system's.", .accepts = IsDnsServer},
    Setting{.section = "dns", .key = "timeout",
            .slot = [](Settings& s) -> Slot { return &s.dns.timeout; },
            .min = 100, .max = kMinute,
            .sentence = "For one answer of one DNS server."},
    Setting{.section = "dns", .key = "attempts",
            .slot = [](Settings& s) -> Slot { return &s.dns.attempts; },
            .min = 1, .max = 10,
            .sentence = "Rounds over the DNS servers while none of them answers."},
    Setting{.section = "tls", .key = "ca_file",
            .slot = [](Settings& s) -> Slot { return &s.tls.ca_file; },
            .allowed = "the path of a PEM file",
            .sentence = "The CAs to trust, as a PEM file, relative to this file; empty: the system's trust store."},
    Setting{.section = "tls", .key = "min_version",
            .slot = [](Settings& s) -> Slot { return &s.tls.min_version; },
            .allowed = "\"1.2\" or \"1.3\"",
            .sentence = "The oldest TLS version accepted from homeservers.", .accepts = IsTlsVersion},
    Setting{.section = "network", .key = "ip_versions",
            .slot = [](Settings& s) -> Slot { return &s.network.ip_versions; },
            .allowed = "4 and 6",
            .sentence = "IP versions to resolve and to contact.", .accepts = IsIpVersion},
    Setting{.section = "network", .key = "deny",
            .slot = [](Settings& s) -> Slot { return &s.network.deny; },
            .allowed = "CIDR ranges like 10.0.0.0/8, or the word private",
            .sentence = "Address ranges that are never contacted; private: loopback, link-local, RFC 1918, ULA, CGNAT, multicast and the like; [] allows all.", .accepts = IsRange},
    Setting{.section = "network", .key = "user_agent",
            .slot = [](Settings& s) -> Slot { return &s.network.user_agent; },
            .allowed = "at most 256 printable ASCII characters",
            .sentence = "The User-Agent header of every request; empty: matrix-federation-exporter/VERSION.", .accepts = IsHeaderText},
    Setting{.section = "metrics", .key = "per_address",
            .slot = [](Settings& s) -> Slot { return &s.metrics.per_address; },
            .sentence = "Whether to export matrix_federation_address_success for each resolved address."},
    Setting{.section = kExpectSection, .key = "delegation",
            .slot = [](Settings& s) -> Slot { return &s.expect.delegation; },
            .allowed = "a server name like matrix.example.org:443",
            .sentence = "Where discovery has to lead; without a port, any port of that host.", .example = "matrix.example.org:443", .accepts = IsServerName},
    Setting{.section = kExpectSection, .key = "software",
            .slot = [](Settings& s) -> Slot { return &s.expect.software; },
            .allowed = "the name of an implementation, as /version reports it",
            .sentence = "The implementation that has to answer, whatever the case.", .example = "Synapse", .accepts = IsSoftwareName},
    Setting{.section = kExpectSection, .key = "min_version",
            .slot = [](Settings& s) -> Slot { return &s.expect.min_version; },
            .allowed = "a version like \"1.150\"",
            .sentence = "The oldest version that is still right.", .example = "\"1.150\"", .accepts = IsVersion},
    Setting{.section = kExpectSection, .key = "ip_versions",
            .slot = [](Settings& s) -> Slot { return &s.expect.ip_versions; },
            .allowed = "4 and 6",
            .sentence = "IP versions that need a working address each.", .example = "[4, 6]", .accepts = IsIpVersion},
    Setting{.section = "", .key = "homeserver_files",
            .slot = [](Settings& s) -> Slot { return &s.homeserver_files; },
            .allowed = "file names or globs",
            .sentence = "Further files that each hold a list like `homeservers`; relative to this file."},
};
// clang-format on

constexpr auto kSections =
    std::to_array<std::string_view>({"probe", "dns", "tls", "network", "metrics"});

std::string QuoteYaml(const std::string& text) { return "\"" + text + "\""; }

// A value as it stands in the reference.
struct Writer {
  std::string operator()(const Milliseconds* value) const { return FormatDuration(*value); }
  std::string operator()(const int* value) const { return std::to_string(*value); }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::string* value) const { return QuoteYaml(*value); }
  std::string operator()(const std::vector<std::string>* values) const {
    std::string text;
    for (const std::string& value : *values) text += (text.empty() ? "" : ", ") + value;
    return "[" + text + "]";
  }
  std::string operator()(const std::vector<int>* values) const {
    std::string text;
    for (const int value : *values) text += (text.empty() ? "" : ", ") + std::to_string(value);
    return "[" + text + "]";
  }
};

void AppendSetting(const Setting& setting, Settings& defaults, std::string& out) {
  const std::string indent = setting.section.empty() ? "" : "  ";
  out += indent + "# " + std::string(setting.sentence) + "\n";
  out += indent + "# Allowed: " + Allowed(setting) + ".";
  if (setting.per_server) out += " A homeserver may set its own.";
  out += "\n" + indent + std::string(setting.key) + ": " +
         std::visit(Writer{}, setting.slot(defaults)) + "\n";
}

}  // namespace

std::span<const Setting> AllSettings() { return kSettings; }

std::span<const std::string_view> AllSections() { return kSections; }

std::string Allowed(const Setting& setting) {
  Settings scratch;
  const Slot slot = setting.slot(scratch);
  if (std::holds_alternative<Milliseconds*>(slot)) {
    return "a duration from " + FormatDuration(Milliseconds(setting.min)) + " to " +
           FormatDuration(Milliseconds(setting.max)) + ", like 90s, 5m or 1h30m";
  }
  if (std::holds_alternative<int*>(slot)) {
    return "a whole number from " + std::to_string(setting.min) + " to " +
           std::to_string(setting.max);
  }
  if (std::holds_alternative<bool*>(slot)) return "true or false";
  const bool is_list = !std::holds_alternative<std::string*>(slot);
  return (is_list ? "a list of " : "") + std::string(setting.allowed);
}

std::string ReferenceConfiguration() {
  Settings defaults;
  std::string out =
      "# Every key with its default, except homeservers, which has none.\n"
      "# Printed by matrix-federation-exporter --print-config.\n";
  for (const std::string_view section : kSections) {
    out += "\n" + std::string(section) + ":\n";
    for (const Setting& setting : kSettings) {
      if (setting.section == section) AppendSetting(setting, defaults, out);
    }
  }
  out += "\n";
  for (const Setting& setting : kSettings) {
    if (setting.section.empty()) AppendSetting(setting, defaults, out);
  }
  out +=
      "\n# The homeservers to watch, by server name: what stands after the colon of a user ID.\n"
      "homeservers:\n"
      "  - matrix.org\n"
      "  - server_name: example.org\n"
      "    # For grouping in dashboards and alerts; a label of matrix_federation_target_info.\n"
      "    group: customers\n"
      "    # Further labels of matrix_federation_target_info.\n"
      "    labels: {team: chat}\n"
      "    # Keys of `probe` that say so above.\n"
      "    interval: 1m\n"
      "    # What must be true beyond \"federation works\"; all of it optional.\n"
      "    expect:\n";
  for (const Setting& setting : kSettings) {
    if (setting.section != kExpectSection) continue;
    out += "      # " + std::string(setting.sentence) + " Allowed: " + Allowed(setting) + ".\n";
    out += "      " + std::string(setting.key) + ": " + std::string(setting.example) + "\n";
  }
  return out;
}

int MinTlsVersion(const TlsSettings& tls) {
  return tls.min_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION;
}

}  // namespace exporter
