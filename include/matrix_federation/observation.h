#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "matrix_federation/certificate.h"
#include "matrix_federation/expectations.h"
#include "matrix_federation/key_memory.h"
#include "matrix_federation/ports.h"
#include "matrix_federation/server_name.h"
#include "matrix_federation/server_version.h"
#include "matrix_federation/signing_keys.h"

namespace matrix_federation {

// Everything seen in one round against one homeserver. No opinions: what a check makes of it is the
// check's business. Plain data; immutable once Observe has returned it.

/// The steps of "Resolving server names" (server-server API v1.8 and later).
enum class Step : std::uint8_t { k1, k2, k31, k32, k33, k34, k35, k4, k5, k6 };

/// The specification's numbering: "1", "3.2", "6".
std::string_view Word(Step step);

/// TLS as it was seen at one address and what the presented chain is worth there.
struct TlsObservation {
  std::string version;
  std::string cipher;
  std::shared_ptr<const ChainAssessment> chain;  // empty when no certificate was sent
  MaybeFailure name;                             // the leaf does not cover the prescribed name

  /// The first failure in the order trust, dates, name; nullptr when the session is verified.
  [[nodiscard]] const Failure* failure() const;
};

/// One address of the `.well-known` host and what came of asking it.
struct WellKnownAddress {
  SocketAddress address;
  int attempts = 1;
  MaybeFailure failure;
  std::string m_server;  // empty unless it answered with one
  std::optional<TlsObservation> tls;
};

/// The lookup of `/.well-known/matrix/server`.
struct WellKnownObservation {
  bool attempted = false;
  int attempts = 1;                     // 2 and more: asked again after transient faults
  int dns_attempts = 1;                 // the same of the questions for addresses
  MaybeFailure failure;                 // a `wellknown_…` reason
  std::optional<ServerName> delegated;  // set exactly when attempted without failure
  std::string url;
  std::string final_url;
  std::optional<int> status;  // of the last response
  int redirects = 0;
  bool left_https = false;  // a redirect led to http://
  bool served = false;      // something answered in the file's place, though it may be unusable
  std::optional<std::chrono::seconds> cache_lifetime;
  std::vector<WellKnownAddress> addresses;  // of the last hop, those that were tried
  std::vector<IpAddress> host_addresses;    // of the host of `url`, up to kWellKnownAddressesMax
  /// Every address of that host, and what the whole lookup that begins there led to. Only where
  /// there are several and the probe had time left.
  std::vector<WellKnownAddress> answers;
  std::optional<TlsObservation> tls;  // of the last hop that completed a handshake
  Duration duration{};
};

/// One SRV query.
struct SrvObservation {
  std::string name;  // "_matrix-fed._tcp.example.org"
  bool deprecated = false;
  DnsStatus status = DnsStatus::kTimeout;
  int attempts = 1;                // 2 and more: a DNS server was silent or failed
  std::vector<SrvRecord> records;  // in the order in which a homeserver would try them
};

/// What the A and AAAA queries for one host said.
struct HostObservation {
  std::string host;
  bool is_alias = false;
  bool is_literal = false;            // the "host" is spelled as an IP address
  int attempts = 1;                   // of the query that took most
  std::vector<IpAddress> addresses;   // IPv6 first (RFC 6724), then as answered
  MaybeFailure failure;               // set exactly when there is no address
  std::set<int> unknown_ip_versions;  // those (4, 6) of which the DNS said neither yes nor no
};

/// Where discovery led.
struct Destination {
  Step step = Step::k1;
  std::string host;  // to connect to; of the first SRV target in steps 3.3, 3.4, 4 and 5
  std::uint16_t port = 8448;
  std::string host_header;
  std::optional<std::string> sni;
  CertificateName certificate_name;
};

/// The HTTP status of two unauthenticated questions that differ in an encoded slash only.
struct PathObservation {
  std::optional<int> encoded_slash;
  std::optional<int> plain;  // asked only when the other one was not answered with 401
};

/// Everything seen at one resolved address.
struct EndpointObservation {
  SocketAddress address;
  int attempts = 1;      // 2 and more: a transient fault went away, or did not, when tried again
  MaybeFailure connect;  // connect_…, address_denied, probe_timeout
  MaybeFailure handshake;
  std::optional<TlsObservation> tls;
  std::optional<int> keys_status;
  std::optional<int> version_status;
  std::optional<SigningKeys> keys;  // present when the question was asked
  std::optional<ServerVersion> version;
  PathObservation paths;
  std::optional<double> clock_offset_seconds;  // their Date minus our clock
  std::chrono::seconds clock_age{};            // for how long a cache had kept that Date
  Duration connect_duration{};
  Duration tls_duration{};
  Duration keys_duration{};
  Duration version_duration{};
};

struct Observation {
  std::string queried_name;
  Outcome<ServerName> name;
  SystemTime started_at;
  Duration duration{};
  WellKnownObservation well_known;
  std::vector<SrvObservation> services;
  /// SRV queries for a server name whose .well-known file already led elsewhere: no homeserver that
  /// can read that file asks them. Empty in all other cases.
  std::vector<SrvObservation> leftover_services;
  std::vector<HostObservation> hosts;  // of the destination: one, or one for each SRV target
  std::optional<Destination> destination;
  /// Why discovery ended without an address: an srv_…, dns_… or probe_timeout reason.
  MaybeFailure discovery;
  std::vector<EndpointObservation> endpoints;  // in the order in which a homeserver tries them
  std::size_t endpoints_truncated = 0;         // addresses beyond kEndpointsMax
  bool truncated_ipv4 = false;                 // some of them are of that IP version
  bool truncated_ipv6 = false;
  bool network_has_ipv4 = true;  // this machine has a route to that IP version
  bool network_has_ipv6 = true;
  Duration dns_duration{};  // the slowest batch of queries for the destination
  Expectations expected;    // of the operator
  KeyMemory known_keys;     // from earlier rounds
  MaybeFailure internal_error;
};

/// The SRV records among which chance decides where a homeserver goes first: those of the lowest
/// priority that name a host and a port. The heaviest first, then by name, so in the same order in
/// every round. Empty where discovery followed none.
std::vector<SrvRecord> EqualServices(const Observation& seen);

/// The destination, with the host and port of the first of these records in place of those that
/// were drawn, so that it stays the same while the records do. Only where there is a destination.
Destination LastingDestination(const Observation& seen);

}  // namespace matrix_federation
