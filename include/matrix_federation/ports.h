#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "matrix_federation/certificate.h"
#include "matrix_federation/ip_address.h"
#include "matrix_federation/outcome.h"

namespace matrix_federation {

// What the core asks of the world. Implementations live in src/net, scriptable fakes in
// tests/fakes. All of one probe loop is called on that loop's thread only. No call throws for what
// a peer does; each ends by its deadline at the latest and says what it had seen until then.

using SteadyTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

template <typename T>
using Awaitable = boost::asio::awaitable<T>;

// ---- DNS

enum class DnsType : std::uint8_t { kA, kAaaa, kSrv };

/// How a query ended. NXDOMAIN: the name does not exist. NODATA: it exists without that type.
enum class DnsStatus : std::uint8_t {
  kFound,
  kNxdomain,
  kNodata,
  kServfail,
  kRefused,
  kTimeout,
  kMalformed
};

/// The word for reports and metrics: "found", "nxdomain", …
std::string_view Word(DnsStatus status);

struct DnsQuestion {
  std::string name;  // absolute, with or without the final dot; search domains are never appended
  DnsType type;
};

/// RFC 2782. `target` without the final dot; "." stays ".".
struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;
};

struct DnsAnswer {
  DnsStatus status = DnsStatus::kTimeout;
  std::vector<IpAddress> addresses;  // A and AAAA, in the answer's order
  std::vector<SrvRecord> services;   // SRV
  bool is_alias = false;             // A and AAAA: the name is a CNAME
  int attempts = 1;                  // how often the question was put, to whichever server
};

class DnsClient {
 public:
  virtual ~DnsClient() = default;
  /// Asks all questions at once; answers come in the order of the questions.
  virtual Awaitable<std::vector<DnsAnswer>> Query(std::vector<DnsQuestion> questions,
                                                  SteadyTime deadline) = 0;
};

// ---- TLS, as seen by both clients

struct TlsSession {
  std::string version;  // "TLS 1.3"
  std::string cipher;   // OpenSSL's standard name, "TLS_AES_256_GCM_SHA384"
  CertificateChain chain;
};

// ---- The web: documents such as .well-known

struct WebRequest {
  bool https = true;
  std::string host;  // for SNI and Host; a DNS name or an IP literal (IPv6 in brackets)
  std::uint16_t port = 443;
  std::string target;     // path and query
  SocketAddress address;  // where to connect
  std::size_t body_max = 0;
};

/// How far a request came.
enum class WebStage : std::uint8_t { kConnect, kTls, kResponse, kDone };

struct WebResponse {
  WebStage stage = WebStage::kConnect;  // kDone: a whole response was read
  bool timed_out = false;
  bool lost = false;       // there was no way, or the connection broke: it may hold the next time
  bool too_large = false;  // headers, or the body of a 200, exceeded their bound
  std::string error;       // a sentence, when stage is not kDone
  int status = 0;
  std::string location;
  std::string cache_control;
  std::string expires;
  bool has_expires = false;
  std::string body;               // empty where it exceeds its bound and the status is not 200
  std::optional<TlsSession> tls;  // also when the certificate is worth nothing
};

class WebClient {
 public:
  virtual ~WebClient() = default;
  /// One GET on one address: no redirect is followed, no certificate is judged. `connect_timeout`
  /// bounds TCP and TLS.
  virtual Awaitable<WebResponse> Get(WebRequest request, Duration connect_timeout,
                                     SteadyTime deadline) = 0;
};

// ---- Federation: one endpoint of a homeserver

/// Where to knock and how to introduce oneself there (server-server API, "Resolving server names":
/// the table of each step).
struct Endpoint {
  SocketAddress address;
  std::optional<std::string> sni;  // absent for an IP literal
  std::string host_header;
};

/// One question and its answer on a federation connection.
struct HttpExchange {
  bool asked = false;
  MaybeFailure failure;  // http_no_response, http_timeout, http_too_large, tls_client_cert_required
  int status = 0;
  std::string content_type;
  std::string body;
  bool cut_off = false;                // it ended with the connection, which TLS had not announced
  std::optional<SystemTime> date;      // the Date header
  std::optional<SystemTime> received;  // our clock when the headers had come
  std::chrono::seconds age{};          // the Age header: for how long a cache kept the answer
  Duration duration{};
};

/// Everything seen at one endpoint. A member that was not reached is empty.
struct KnockResult {
  MaybeFailure connect;    // connect_…, address_denied
  MaybeFailure handshake;  // tls_handshake_failed, tls_protocol_version, tls_client_cert_required
  bool handshake_lost = false;  // it failed with the connection or by silence: TLS said nothing
  bool handshake_timed_out = false;  // of a lost one: by silence
  std::optional<TlsSession> tls;
  HttpExchange keys;     // GET /_matrix/key/v2/server
  HttpExchange version;  // GET /_matrix/federation/v1/version
  /// GET of a federation path that demands a signature, sent without one: with an encoded slash in
  /// it, and without. The latter is asked only when the former was not answered with 401.
  HttpExchange encoded_slash;
  HttpExchange plain_path;
  Duration connect_duration{};
  Duration tls_duration{};
};

class FederationClient {
 public:
  virtual ~FederationClient() = default;
  /// Knocks at all endpoints at once, each on a connection of its own; all questions go over that
  /// one connection for as long as the server keeps it open, and over new ones from then on.
  /// Results come in the order of the endpoints. The handshake is completed whatever the
  /// certificate is worth. Interim responses (1xx) are no answers.
  virtual Awaitable<std::vector<KnockResult>> Knock(std::vector<Endpoint> endpoints,
                                                    Duration connect_timeout,
                                                    SteadyTime deadline) = 0;
  /// Whether this machine has a route to that IP version at all; no packet is sent.
  [[nodiscard]] virtual bool NetworkHas(int ip_version) const = 0;
};

// ---- Time and chance

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime Steady() const = 0;
  [[nodiscard]] virtual SystemTime System() const = 0;
  virtual Awaitable<void> Sleep(Duration duration) const = 0;
};

/// A number in [0, bound); for the weighted choice among SRV records (RFC 2782).
using Dice = std::function<std::uint32_t(std::uint32_t bound)>;

/// All of the world that one probe needs. Nothing is owned.
struct World {
  DnsClient& dns;
  WebClient& web;
  FederationClient& federation;
  CertificateVerifier& certificates;
  const Clock& clock;
  Dice dice;
};

}  // namespace matrix_federation
