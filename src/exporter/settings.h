#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "matrix_federation/expectations.h"

namespace exporter {

// What the configuration file says, as plain data. Defaults stand here, at the members; keys,
// bounds and sentences stand in the table below. Immutable once loaded, shared by all threads.

using Milliseconds = std::chrono::milliseconds;

struct ProbeSettings {
  Milliseconds interval{300'000};
  Milliseconds failure_interval{60'000};
  Milliseconds timeout{30'000};
  int max_in_flight = 256;
  int threads = 1;
  Milliseconds stale_after{3'600'000};
  int retries = 1;

  bool operator==(const ProbeSettings&) const = default;
};

struct DnsSettings {
  std::vector<std::string> servers;
  Milliseconds timeout{3'000};
  int attempts = 3;

  bool operator==(const DnsSettings&) const = default;
};

struct TlsSettings {
  std::string ca_file;
  std::string min_version = "1.2";

  bool operator==(const TlsSettings&) const = default;
};

struct NetworkSettings {
  std::vector<int> ip_versions{4, 6};
  std::vector<std::string> deny{"private"};
  std::string user_agent;  // empty: "matrix-federation-exporter/VERSION"

  bool operator==(const NetworkSettings&) const = default;
};

struct MetricsSettings {
  bool per_address = false;
};

/// One homeserver of the list.
struct Homeserver {
  std::string server_name;
  std::string group;
  std::vector<std::pair<std::string, std::string>> labels;  // of target_info, sorted by name
  ProbeSettings probe;  // the general settings with this server's own on top
  matrix_federation::Expectations expect;

  bool operator==(const Homeserver&) const = default;
};

struct Settings {
  ProbeSettings probe;
  DnsSettings dns;
  TlsSettings tls;
  NetworkSettings network;
  MetricsSettings metrics;
  /// Of one homeserver while it is read; of no meaning here.
  matrix_federation::Expectations expect;
  std::vector<std::string> homeserver_files;
  std::vector<Homeserver> homeservers;
};

/// The member that a key sets; the type decides how its value is written.
using Slot = std::variant<Milliseconds*, int*, bool*, std::string*, std::vector<std::string>*,
                          std::vector<int>*>;

/// One key of the configuration. The rows drive parsing, error messages and the reference.
struct Setting {
  std::string_view section;  // empty: top level; kExpectSection
  std::string_view key;
  Slot (*slot)(Settings& settings);
  std::int64_t min = 0;  // numbers and, in milliseconds, durations
  std::int64_t max = 0;
  std::string_view allowed;   // for strings and lists: what may stand there, in words
  std::string_view sentence;  // documentation
  std::string_view example;   // of a key that has no default worth showing
  bool per_server = false;    // a homeserver of the list may set its own
  /// For strings and elements of lists: whether the value may stand there; nullptr: anything.
  bool (*accepts)(std::string_view value) = nullptr;
};

/// Every key except `homeservers`, in the order of the reference.
std::span<const Setting> AllSettings();

/// The section of the rows that only a homeserver of the list may set, as a mapping of that name.
inline constexpr std::string_view kExpectSection = "expect";

/// The sections in the order of the reference.
std::span<const std::string_view> AllSections();

/// The commented reference: every key with its default, bounds and sentence, valid YAML
/// (`--print-config`, config/reference.yaml).
std::string ReferenceConfiguration();

/// What a row allows, in words: "a duration from 1s to 1d", "4 or 6".
std::string Allowed(const Setting& setting);

/// TLS1_2_VERSION or TLS1_3_VERSION for a valid `tls.min_version`.
int MinTlsVersion(const TlsSettings& tls);

}  // namespace exporter
