#include "net/openssl_federation_client.h"

#include <sys/socket.h>

#include <algorithm>

#include "matrix_federation/http_date.h"
#include "matrix_federation/limits.h"
#include "matrix_federation/local_fault.h"
#include "net/asio.h"
#include "net/tls_recorder.h"
#include "net/when_all.h"

namespace net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using matrix_federation::Awaitable;
using matrix_federation::Duration;
using matrix_federation::Endpoint;
using matrix_federation::Failure;
using matrix_federation::HttpExchange;
using matrix_federation::IsLocalFault;
using matrix_federation::KnockResult;
using matrix_federation::MaybeFailure;
using matrix_federation::Reason;
using matrix_federation::SocketAddress;
using matrix_federation::SteadyTime;
using matrix_federation::ThrowLocalFault;
using Error = boost::system::error_code;
using Stream = asio::ssl::stream<beast::tcp_stream>;

constexpr auto kNothrow = asio::as_tuple(asio::use_awaitable);

tcp::endpoint ToEndpoint(const SocketAddress& address) {
  const auto& octets = address.ip.octets();
  if (address.ip.version() == 4) {
    asio::ip::address_v4::bytes_type v4{octets[0], octets[1], octets[2], octets[3]};
    return {asio::ip::address_v4(v4), address.port};
  }
  asio::ip::address_v6::bytes_type v6{};
  std::copy(octets.begin(), octets.end(), v6.begin());
  return {asio::ip::address_v6(v6), address.port};
}

bool IsLocal(const Error& error) {
  return error.category() == asio::error::get_system_category() && IsLocalFault(error.value());
}

Failure ConnectFailure(const Error& error, const SocketAddress& address) {
  const std::string to = address.ToString();
  if (error == asio::error::connection_refused) {
    return {
        Reason::kConnectRefused,
        "TCP connection to " + to + " refused: nothing listens there, or a firewall rejects it"};
  }
  if (error == beast::error::timeout || error == asio::error::timed_out) {
    return {Reason::kConnectTimeout,
            "TCP connection to " + to + " timed out: host down, or a firewall drops the packets"};
  }
  if (error == asio::error::connection_reset) {
    return {Reason::kConnectReset,
            "TCP connection to " + to + " was reset: a firewall, or a proxy without a backend"};
  }
  return {Reason::kConnectUnreachable, "no way to " + to + ": " + error.message()};
}

// The OpenSSL error behind an asio error, 0 when it is not TLS' own.
unsigned long OpensslError(const Error& error) {
  return error.category() == asio::error::get_ssl_category()
             ? static_cast<unsigned long>(error.value())
             : 0;
}

std::string Said(const Error& error) {
  if (error == asio::ssl::error::stream_truncated || error == asio::error::eof) {
    return "the connection was closed";
  }
  if (error == beast::error::timeout) return "no answer in time";
  return error.message();
}

void SendServerName(SSL* connection, std::string name) {
  // What SSL_set_tlsext_host_name stands for, without its C cast.
  SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

// One connection to one endpoint.
class Conversation {
 public:
  Conversation(const asio::any_io_executor& executor, asio::ssl::context& context,
               const Endpoint& endpoint, const std::string& user_agent, SteadyTime deadline)
      : stream_(executor, context),
        endpoint_(endpoint),
        user_agent_(user_agent),
        deadline_(deadline) {}

  // Throws for want of a socket.
  Awaitable<MaybeFailure> Connect(Duration timeout) {
    const SteadyTime latest = std::min(deadline_, std::chrono::steady_clock::now() + timeout);
    Tcp().expires_at(latest);
    const auto [error] = co_await Tcp().async_connect(ToEndpoint(endpoint_.address), kNothrow);
    if (IsLocal(error)) ThrowLocalFault(error.value());
    if (error) co_return ConnectFailure(error, endpoint_.address);
    Tcp().socket().set_option(tcp::no_delay(true));
    co_return std::nullopt;
  }

  Awaitable<MaybeFailure> Handshake() {
    Tcp().expires_at(deadline_);
    if (endpoint_.sni) SendServerName(stream_.native_handle(), *endpoint_.sni);
    const auto [error] = co_await stream_.async_handshake(Stream::client, kNothrow);
    if (!error) co_return std::nullopt;
    was_lost_ = OpensslError(error) == 0;
    co_return HandshakeFailure(OpensslError(error), WasAskedForCertificate(stream_.native_handle()),
                               Said(error));
  }

  // Of a handshake that failed: TLS had no part in it.
  [[nodiscard]] bool was_lost() const { return was_lost_; }

  [[nodiscard]] matrix_federation::TlsSession Session() { return Record(stream_.native_handle()); }

  // One GET; `keep_alive` says afterwards whether the connection can carry another one.
  Awaitable<HttpExchange> Get(std::string_view path, std::size_t body_max, bool& keep_alive,
                              Duration at_most = Duration::max()) {
    HttpExchange exchange{.asked = true};
    const SteadyTime start = std::chrono::steady_clock::now();
    Tcp().expires_at(deadline_ - start > at_most ? start + at_most : deadline_);
    const std::string request =
        "GET " + std::string(path) + " HTTP/1.1\r\nHost: " + endpoint_.host_header +
        "\r\nUser-Agent: " + user_agent_ + "\r\nAccept: application/json\r\n\r\n";
    auto [error, written] = co_await asio::async_write(stream_, asio::buffer(request), kNothrow);
    http::response_parser<http::string_body> parser;
    parser.header_limit(matrix_federation::kHeadersMax);
    parser.body_limit(body_max);
    if (!error) {
      auto [read_error, length] = co_await http::async_read(stream_, buffer_, parser, kNothrow);
      error = read_error;
    }
    keep_alive = !error && parser.keep_alive();
    exchange.duration = std::chrono::steady_clock::now() - start;
    exchange.received = std::chrono::system_clock::now();
    if (error) {
      exchange.failure = ReadFailure(error, path);
    } else {
      Take(parser.release(), exchange);
    }
    co_return exchange;
  }

 private:
  beast::tcp_stream& Tcp() { return beast::get_lowest_layer(stream_); }

  [[nodiscard]] Failure ReadFailure(const Error& error, std::string_view path) {
    const std::string asked = "GET " + std::string(path) + " at " + endpoint_.address.ToString();
    if (error == beast::error::timeout) {
      return {Reason::kHttpTimeout,
              asked +
                  ": no complete response in time; is the homeserver behind the "
                  "proxy overloaded or hung?"};
    }
    if (error == http::error::body_limit || error == http::error::header_limit ||
        error == http::error::buffer_overflow) {
      return {Reason::kHttpTooLarge, asked + ": the response exceeds its limit"};
    }
    // TLS 1.3 tells of a missing client certificate only after the handshake.
    if (OpensslError(error) != 0) {
      const Failure failure = HandshakeFailure(
          OpensslError(error), WasAskedForCertificate(stream_.native_handle()), Said(error));
      if (failure.reason == Reason::kTlsClientCertRequired) return failure;
    }
    return {Reason::kHttpNoResponse, asked + ": no HTTP response (" + Said(error) + ")"};
  }

  static void Take(http::response<http::string_body> response, HttpExchange& exchange) {
    exchange.status = static_cast<int>(response.result_int());
    exchange.content_type = response[http::field::content_type];
    if (const auto date = matrix_federation::ParseHttpDate(response[http::field::date])) {
      exchange.date = *date;
    }
    exchange.body = std::move(response.body());
  }

  Stream stream_;
  const Endpoint& endpoint_;
  const std::string& user_agent_;
  SteadyTime deadline_;
  bool was_lost_ = false;
  beast::flat_buffer buffer_{matrix_federation::kHeadersMax};
};

// A federation path that every homeserver guards by a signature (server-server API, "Retrieving
// events"): without one the answer is 401, unless something on the way changed the path.
Awaitable<void> AskForPaths(Conversation& conversation, KnockResult& result) {
  constexpr std::string_view kEncodedSlash = "/_matrix/federation/v1/event/%24path%2Fprobe";
  constexpr std::string_view kPlain = "/_matrix/federation/v1/event/%24pathprobe";
  constexpr int kUnauthorized = 401;
  bool keep_alive = false;
  result.encoded_slash =
      co_await conversation.Get(kEncodedSlash, matrix_federation::kVersionBodyMax, keep_alive,
                                matrix_federation::kPathQuestionTimeout);
  if (!keep_alive || result.encoded_slash.status == kUnauthorized) co_return;
  result.plain_path =
      co_await conversation.Get(kPlain, matrix_federation::kVersionBodyMax, keep_alive,
                                matrix_federation::kPathQuestionTimeout);
}

}  // namespace

struct OpensslFederationClient::Context {
  asio::ssl::context tls{asio::ssl::context::tls_client};
};

OpensslFederationClient::OpensslFederationClient(asio::any_io_executor executor,
                                                 std::string user_agent, int min_tls_version)
    : executor_(std::move(executor)),
      user_agent_(std::move(user_agent)),
      context_(std::make_unique<Context>()) {
  PrepareRecording(context_->tls.native_handle(), min_tls_version);
  NoteCertificateRequests(context_->tls.native_handle());
  // Saves asio rounds. Not for libcurl, which waits for the socket while whole records that came
  // together lie unread inside OpenSSL.
  SSL_CTX_set_read_ahead(context_->tls.native_handle(), 1);
}

OpensslFederationClient::~OpensslFederationClient() = default;

Awaitable<std::vector<KnockResult>> OpensslFederationClient::Knock(std::vector<Endpoint> endpoints,
                                                                   Duration connect_timeout,
                                                                   SteadyTime deadline) {
  std::vector<Awaitable<KnockResult>> tasks;
  tasks.reserve(endpoints.size());
  for (Endpoint& endpoint : endpoints) {
    tasks.push_back(KnockAt(std::move(endpoint), connect_timeout, deadline));
  }
  co_return co_await WhenAll(std::move(tasks));
}

Awaitable<KnockResult> OpensslFederationClient::KnockAt(Endpoint endpoint, Duration connect_timeout,
                                                        SteadyTime deadline) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  KnockResult result;
  auto conversation =
      std::make_unique<Conversation>(executor_, context_->tls, endpoint, user_agent_, deadline);
  const SteadyTime start = now();
  result.connect = co_await conversation->Connect(connect_timeout);
  if (result.connect) co_return result;
  const SteadyTime connected = now();
  result.connect_duration = connected - start;
  result.handshake = co_await conversation->Handshake();
  result.handshake_lost = conversation->was_lost();
  if (result.handshake) co_return result;
  result.tls_duration = now() - connected;
  result.tls = conversation->Session();

  bool keep_alive = false;
  result.keys = co_await conversation->Get("/_matrix/key/v2/server",
                                           matrix_federation::kKeysBodyMax, keep_alive);
  if (!keep_alive) {
    if (now() >= deadline) co_return result;
    // The server ends the connection after each response (or it broke): ask on another one.
    conversation =
        std::make_unique<Conversation>(executor_, context_->tls, endpoint, user_agent_, deadline);
    MaybeFailure failure = co_await conversation->Connect(connect_timeout);
    if (!failure) failure = co_await conversation->Handshake();
    if (failure) {
      result.version.asked = true;
      result.version.failure = Failure{Reason::kHttpNoResponse, failure->detail};
      co_return result;
    }
  }
  result.version = co_await conversation->Get("/_matrix/federation/v1/version",
                                              matrix_federation::kVersionBodyMax, keep_alive);
  if (keep_alive && result.keys.status == 200) co_await AskForPaths(*conversation, result);
  co_return result;
}

bool OpensslFederationClient::NetworkHas(int ip_version) const {
  // A UDP "connection" only looks up a route. The destinations are root name servers.
  const char* destination = ip_version == 4 ? "198.41.0.4" : "2001:503:ba3e::2:30";
  Error error;
  asio::ip::udp::socket socket(executor_);
  socket.open(ip_version == 4 ? asio::ip::udp::v4() : asio::ip::udp::v6(), error);
  if (!error) socket.connect({asio::ip::make_address(destination), 53}, error);
  // Without a socket to ask with, nothing speaks against it.
  return !error || IsLocal(error);
}

}  // namespace net
