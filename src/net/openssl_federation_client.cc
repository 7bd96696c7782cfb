#include "net/openssl_federation_client.h"

#include <sys/socket.h>

#include <algorithm>

#include "matrix_federation/http_age.h"
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
using Parser = http::response_parser<http::string_body>;

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

// RFC 9110 section 15.2: another response follows. Not so after 101, which ends HTTP.
bool IsInterim(unsigned status) {
  return status / 100 == 1 && status != static_cast<unsigned>(http::status::switching_protocols);
}

// One connection to one endpoint.
class Conversation {
 public:
  Conversation(const asio::any_io_executor& executor, asio::ssl::context& context,
               const Endpoint& endpoint, const std::string& user_agent)
      : stream_(executor, context), endpoint_(endpoint), user_agent_(user_agent) {}

  // Throws for want of a socket.
  Awaitable<MaybeFailure> Connect(SteadyTime deadline) {
    Tcp().expires_at(deadline);
    const auto [error] = co_await Tcp().async_connect(ToEndpoint(endpoint_.address), kNothrow);
    if (IsLocal(error)) ThrowLocalFault(error.value());
    if (error) co_return ConnectFailure(error, endpoint_.address);
    Tcp().socket().set_option(tcp::no_delay(true));
    co_return std::nullopt;
  }

  Awaitable<MaybeFailure> Handshake(SteadyTime deadline) {
    Tcp().expires_at(deadline);
    if (endpoint_.sni) SendServerName(stream_.native_handle(), *endpoint_.sni);
    const auto [error] = co_await stream_.async_handshake(Stream::client, kNothrow);
    if (!error) co_return std::nullopt;
    was_lost_ = OpensslError(error) == 0;
    timed_out_ = error == beast::error::timeout;
    co_return HandshakeFailure(OpensslError(error), WasAskedForCertificate(stream_.native_handle()),
                               Said(error));
  }

  // Of a handshake that failed: TLS had no part in it.
  [[nodiscard]] bool was_lost() const { return was_lost_; }
  [[nodiscard]] bool timed_out() const { return timed_out_; }

  [[nodiscard]] matrix_federation::TlsSession Session() { return Record(stream_.native_handle()); }

  // One GET; `keep_alive` says afterwards whether the connection can carry another one.
  Awaitable<HttpExchange> Get(std::string_view path, std::size_t body_max, SteadyTime deadline,
                              bool& keep_alive) {
    HttpExchange exchange{.asked = true};
    const SteadyTime start = std::chrono::steady_clock::now();
    Tcp().expires_at(deadline);
    const std::string request =
        "GET " + std::string(path) + " HTTP/1.1\r\nHost: " + endpoint_.host_header +
        "\r\nUser-Agent: " + user_agent_ + "\r\nAccept: application/json\r\n\r\n";
    auto [error, written] = co_await asio::async_write(stream_, asio::buffer(request), kNothrow);
    std::optional<Parser> parser;
    if (!error) error = co_await Read(parser, body_max, exchange.cut_off);
    keep_alive = !error && KeepsAlive(*parser);
    was_closed_ = IsClosed(error) && !(parser && parser->got_some());
    // What an error says is in its head; its page is for people.
    if (error == http::error::body_limit && parser->get().result() != http::status::ok) {
      error = {};
      parser->get().body().clear();
    }
    has_answered_ = has_answered_ || !error;
    exchange.duration = std::chrono::steady_clock::now() - start;
    exchange.received = std::chrono::system_clock::now();
    if (error) {
      exchange.failure = ReadFailure(error, path);
    } else {
      Take(parser->release(), exchange);
    }
    co_return exchange;
  }

  // The connection that had carried an answer was closed before anything of the next one came,
  // which a server may do at any time (RFC 9112 section 9.5).
  [[nodiscard]] bool was_closed_while_idle() const { return has_answered_ && was_closed_; }

 private:
  static bool IsClosed(const Error& error) {
    return error == http::error::end_of_stream || error == asio::error::eof ||
           error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::ssl::error::stream_truncated;
  }

  beast::tcp_stream& Tcp() { return beast::get_lowest_layer(stream_); }

  // The final response; its headers and those of the interim ones before it have one bound.
  Awaitable<Error> Read(std::optional<Parser>& parser, std::size_t body_max, bool& cut_off) {
    std::size_t headers_left = matrix_federation::kHeadersMax;
    for (;;) {
      parser.emplace();
      parser->header_limit(static_cast<std::uint32_t>(headers_left));
      parser->body_limit(body_max);
      auto [error, length] = co_await http::async_read(stream_, buffer_, *parser, kNothrow);
      // As Go and Twisted do: a body without a length ends here, whether or not TLS said so before.
      if (error == asio::ssl::error::stream_truncated && parser->is_header_done() &&
          parser->need_eof()) {
        cut_off = true;
        parser->put_eof(error);
      }
      if (error == http::error::bad_status && AddMissingSpace()) continue;
      if (error || !IsInterim(parser->get().result_int())) co_return error;
      if (length >= headers_left) co_return http::error::header_limit;
      headers_left -= length;
    }
  }

  // RFC 9112 section 4 wants a space also before a reason that is left out. Beast insists on it,
  // and what homeservers are made of does not.
  bool AddMissingSpace() {
    constexpr std::size_t kEnd = std::string_view("HTTP/1.1 200").size();
    const auto bytes = buffer_.cdata();
    std::string text(static_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with("HTTP/1.") || text.find("\r\n") != kEnd ||
        text.size() == buffer_.max_size()) {
      return false;
    }
    text.insert(kEnd, 1, ' ');
    buffer_.clear();
    buffer_.commit(asio::buffer_copy(buffer_.prepare(text.size()), asio::buffer(text)));
    return true;
  }

  static bool KeepsAlive(const Parser& parser) {
    return parser.keep_alive() && parser.get().result() != http::status::switching_protocols;
  }

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
    exchange.age =
        matrix_federation::ParseAge(response[http::field::age]).value_or(std::chrono::seconds{0});
    exchange.body = std::move(response.body());
  }

  Stream stream_;
  const Endpoint& endpoint_;
  const std::string& user_agent_;
  bool was_lost_ = false;
  bool timed_out_ = false;
  bool has_answered_ = false;
  bool was_closed_ = false;
  beast::flat_buffer buffer_{matrix_federation::kHeadersMax};
};

// All questions to one endpoint: over one connection for as long as the server keeps it open, over
// a new one from then on.
class Interview {
 public:
  Interview(const asio::any_io_executor& executor, asio::ssl::context& context,
            const Endpoint& endpoint, const std::string& user_agent, Duration connect_timeout)
      : executor_(executor),
        context_(context),
        endpoint_(endpoint),
        user_agent_(user_agent),
        connect_timeout_(connect_timeout) {}

  // Throws for want of a socket, as Ask does.
  Awaitable<void> Begin(KnockResult& result, SteadyTime deadline) {
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const SteadyTime start = now();
    result.connect = co_await Connect(deadline);
    if (result.connect) co_return;
    const SteadyTime connected = now();
    result.connect_duration = connected - start;
    result.handshake = co_await conversation_->Handshake(deadline);
    result.handshake_lost = conversation_->was_lost();
    result.handshake_timed_out = conversation_->timed_out();
    if (result.handshake) co_return;
    result.tls_duration = now() - connected;
    result.tls = conversation_->Session();
  }

  Awaitable<HttpExchange> Ask(std::string_view path, std::size_t body_max, SteadyTime deadline) {
    HttpExchange exchange{.asked = true};
    if (!conversation_) {
      MaybeFailure failure = co_await Connect(deadline);
      if (!failure) failure = co_await conversation_->Handshake(deadline);
      if (failure) {
        conversation_.reset();
        exchange.failure = Failure{Reason::kHttpNoResponse, failure->detail};
        co_return exchange;
      }
    }
    bool keep_alive = false;
    exchange = co_await conversation_->Get(path, body_max, deadline, keep_alive);
    const bool again = exchange.failure && conversation_->was_closed_while_idle();
    if (!keep_alive) conversation_.reset();
    // Once: a new connection has not been idle.
    if (again) co_return co_await Ask(path, body_max, deadline);
    co_return exchange;
  }

 private:
  Awaitable<MaybeFailure> Connect(SteadyTime deadline) {
    conversation_ = std::make_unique<Conversation>(executor_, context_, endpoint_, user_agent_);
    const SteadyTime latest =
        std::min(deadline, std::chrono::steady_clock::now() + connect_timeout_);
    co_return co_await conversation_->Connect(latest);
  }

  const asio::any_io_executor& executor_;
  asio::ssl::context& context_;
  const Endpoint& endpoint_;
  const std::string& user_agent_;
  Duration connect_timeout_;
  std::unique_ptr<Conversation> conversation_;
};

// A federation path that every homeserver guards by a signature (server-server API, "Retrieving
// events"): without one the answer is 401, unless something on the way changed the path.
Awaitable<void> AskForPaths(Interview& interview, KnockResult& result, SteadyTime deadline) {
  constexpr std::string_view kEncodedSlash = "/_matrix/federation/v1/event/%24path%2Fprobe";
  constexpr std::string_view kPlain = "/_matrix/federation/v1/event/%24pathprobe";
  constexpr int kUnauthorized = 401;
  const auto latest = [deadline] {
    return std::min(deadline, std::chrono::steady_clock::now() +
                                  Duration{matrix_federation::kPathQuestionTimeout});
  };
  result.encoded_slash =
      co_await interview.Ask(kEncodedSlash, matrix_federation::kVersionBodyMax, latest());
  if (result.encoded_slash.failure || result.encoded_slash.status == kUnauthorized) co_return;
  result.plain_path = co_await interview.Ask(kPlain, matrix_federation::kVersionBodyMax, latest());
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
  KnockResult result;
  Interview interview(executor_, context_->tls, endpoint, user_agent_, connect_timeout);
  co_await interview.Begin(result, deadline);
  if (!result.tls) co_return result;
  result.keys =
      co_await interview.Ask("/_matrix/key/v2/server", matrix_federation::kKeysBodyMax, deadline);
  if (std::chrono::steady_clock::now() >= deadline) co_return result;
  result.version = co_await interview.Ask("/_matrix/federation/v1/version",
                                          matrix_federation::kVersionBodyMax, deadline);
  const bool is_homeserver = result.keys.status == 200 && !result.version.failure;
  if (is_homeserver) co_await AskForPaths(interview, result, deadline);
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
