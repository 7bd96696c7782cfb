#include "web/connection.h"

#include <array>
#include <cstdint>
#include <ctime>
#include <tuple>

#include "web/accept_encoding.h"
#include "web/compress.h"

namespace web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Error = boost::system::error_code;
using Parser = http::request_parser<http::empty_body>;
using Message = http::response<http::span_body<const char>>;

constexpr auto kNothrow = asio::as_tuple(asio::use_awaitable);
constexpr unsigned char kHandshakeRecord = 0x16;  // how TLS begins (RFC 8446 section 5.1)
constexpr std::size_t kCompressedMin = 1024;      // a smaller body fits a packet anyway
constexpr std::uint64_t kIgnoredBodyMax = 4096;
constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = std::size_t{1024} * 1024;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// All lines of a header in one (RFC 9110 section 5.3).
template <typename Name>
std::string Joined(const http::fields& fields, const Name& name) {
  std::string joined;
  const auto [first, last] = fields.equal_range(name);
  for (auto line = first; line != last; ++line) {
    if (line != first) joined += ", ";
    joined += View(line->value());
  }
  return joined;
}

// Whatever the transfer encoding is: Beast sees a body only behind "chunked", and would take
// another one for the next request.
bool HasBodyOfUnknownLength(const http::request_header<>& header) {
  return header.count(http::field::transfer_encoding) > 0;
}

// What is refused before anybody is asked; none when the request may be answered.
std::optional<Response> Refusal(const Parser& parser) {
  const auto& header = parser.get();
  const std::uint64_t length = parser.content_length().value_or(0);
  const bool is_read = header.method() == http::verb::get || header.method() == http::verb::head;
  if (HasBodyOfUnknownLength(header) || length > (is_read ? 0 : kIgnoredBodyMax)) {
    return Text(413, "a request has no body here\n");
  }
  // RFC 9112 section 3.2.
  if (header.version() >= 11 && header.count(http::field::host) != 1) {
    return Text(400, "bad request: one Host header is needed\n");
  }
  return std::nullopt;
}

// The path and the query of a target in origin form, or in absolute form as a proxy would send it.
Request ToRequest(const http::request_header<>& header) {
  std::string_view target = View(header.target());
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto path = target.find_first_of("/?", target.find("//") + 2);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const auto question = target.find('?');
  Request request{.method = std::string(View(header.method_string())),
                  .path = std::string(target.substr(0, question)),
                  .accept = Joined(header, http::field::accept),
                  .host = std::string(View(header[http::field::host])),
                  .origin = Joined(header, http::field::origin),
                  .site = Joined(header, "Sec-Fetch-Site"),
                  .gzip = AcceptsGzip(Joined(header, http::field::accept_encoding))};
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  return request;
}

// RFC 9110 section 5.6.7.
std::string HttpDate(std::time_t time) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

Message HeaderOf(const Response& response, const Protection& protection, unsigned version,
                 bool keep_alive) {
  Message message(static_cast<http::status>(response.status), version);
  message.set(http::field::date, HttpDate(std::time(nullptr)));
  message.set(http::field::content_type, response.content_type);
  message.set("X-Content-Type-Options", "nosniff");
  if (response.negotiated || response.compressible) {
    message.set(http::field::vary, !response.compressible ? "Accept"
                                   : response.negotiated  ? "Accept, Accept-Encoding"
                                                          : "Accept-Encoding");
  }
  for (const Field& field : response.fields) message.insert(field.name, field.value);
  for (const Field& field : protection.fields) message.set(field.name, field.value);
  message.keep_alive(keep_alive);
  return message;
}

// None when it could not be made: the client must not take the parts before it for the whole.
std::optional<std::string_view> PartOf(const Response& response) {
  try {
    return response.next_part();
  } catch (...) {
    return std::nullopt;
  }
}

Response Unauthorized() {
  Response response = Text(401, "a user and a password are needed\n");
  response.fields.push_back({"WWW-Authenticate", R"(Basic realm="exporter", charset="UTF-8")"});
  return response;
}

Response TryLater(unsigned status, std::string text) {
  Response response = Text(status, std::move(text));
  response.fields.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace

Connection::Connection(tcp::socket socket, std::shared_ptr<Site> site)
    : stream_(std::move(socket)),
      buffer_(site->options.header_max),
      site_(std::move(site)),
      protection_(site_->CurrentProtection()) {
  Error ignored;
  guest_.address = stream_.tcp().socket().remote_endpoint(ignored).address();
  Become(Standing::kWaiting);
  site_->connections.insert(this);
}

Connection::~Connection() { site_->connections.erase(this); }

asio::awaitable<void> Connection::Serve(std::shared_ptr<Connection> self) {
  Error ignored;
  self->stream_.tcp().socket().set_option(tcp::no_delay(true), ignored);
  if (co_await self->ShakeHands()) {
    while (co_await self->ServeOne()) {
    }
  }
  self->Close();
}

asio::awaitable<void> Connection::Refuse(std::shared_ptr<Connection> self) {
  self->Become(Standing::kAnswering);
  if (!self->protection_->tls) {
    // A named variable: GCC 12 destroys an aggregate made within a co_await expression twice.
    Answer answer{.response = TryLater(503, "too many connections\n")};
    co_await self->Send(std::move(answer), Manner());
  }
  self->Close();
}

void Connection::Stop() {
  stopping_ = true;
  if (standing_ == Standing::kWaiting) Close();
}

void Connection::Close() {
  standing_ = Standing::kClosed;
  stream_.tcp().close();
}

void Connection::Become(Standing standing) {
  if (standing_ == Standing::kClosed) return;
  standing_ = standing;
  guest_.since = ++site_->arrivals;
}

bool Connection::BecomeServed() {
  if (!site_->MakeRoomForRequest(*this)) return false;
  Become(Standing::kServed);
  return true;
}

// True when requests can come: through TLS, or as they are where there is none.
asio::awaitable<bool> Connection::ShakeHands() {
  if (!protection_->tls) co_return true;
  stream_.tcp().expires_after(site_->options.handshake_timeout);
  std::array<unsigned char, 1024> first;
  const auto [error, length] =
      co_await stream_.tcp().async_read_some(asio::buffer(first), kNothrow);
  if (error || stopping_) co_return false;
  if (first[0] != kHandshakeRecord) {
    Become(Standing::kAnswering);
    Answer answer{.response = Text(400, "this port speaks HTTPS: begin the URL with https://\n")};
    co_await Send(std::move(answer), Manner());
    co_return false;
  }
  auto& tls = stream_.StartTls(protection_->tls);
  const auto [failure, taken] = co_await tls.async_handshake(
      asio::ssl::stream_base::server, asio::buffer(first.data(), length), kNothrow);
  co_return !failure && !stopping_;
}

// True when the connection can carry another request.
asio::awaitable<bool> Connection::ServeOne() {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(site_->options.header_max));
  parser.body_limit(boost::none);  // bodies are not read
  stream_.tcp().expires_after(site_->options.idle_timeout);
  const auto [error, length] = co_await http::async_read_header(stream_, buffer_, parser, kNothrow);
  if (stopping_ || standing_ == Standing::kClosed) co_return false;
  Become(Standing::kAnswering);
  protection_ = site_->CurrentProtection();
  // Who was let in by other settings may be one whom these keep out; a client asks again on a new
  // connection where an idle one is closed (RFC 9112 section 9.5).
  if (protection_->tls != stream_.context()) co_return false;
  if (error) {
    std::optional<Answer> answer = AnswerTo(error);
    if (answer) co_await Send(std::move(*answer), Manner());
    co_return false;
  }
  const auto& header = parser.get();
  // Unless the connection is closed, a body would be taken for the next request.
  const bool has_body = HasBodyOfUnknownLength(header) || parser.content_length().value_or(0) > 0;
  const Manner manner{.version = header.version(),
                      .keep_alive = parser.keep_alive() && !has_body,
                      .head = header.method() == http::verb::head,
                      .gzip = AcceptsGzip(Joined(header, http::field::accept_encoding))};
  std::optional<Response> refusal = Refusal(parser);
  if (!refusal) refusal = co_await Admit(header);
  if (stopping_ || standing_ == Standing::kClosed) co_return false;
  Answer answer = refusal ? Answer{.response = std::move(*refusal)}
                          : site_->router.Ask(ToRequest(header), [this] { return BecomeServed(); });
  if (answer.later) {
    answer.response = co_await Await(std::move(answer.later));
    if (stopping_ || standing_ == Standing::kClosed) co_return false;
  }
  co_return co_await Send(std::move(answer), manner);
}

asio::awaitable<Response> Connection::Await(std::function<void(Reply)> later) {
  struct Outcome {
    asio::steady_timer arrived;
    std::optional<Response> response;
  };
  const auto executor = co_await asio::this_coro::executor;
  const auto outcome = std::make_shared<Outcome>(asio::steady_timer(executor));
  outcome->arrived.expires_after(site_->options.write_timeout);
  try {
    later([outcome](Response response) {
      outcome->response = std::move(response);
      outcome->arrived.cancel();
    });
  } catch (...) {
    outcome->response = Text(500, "internal error\n");
  }
  if (!outcome->response) co_await outcome->arrived.async_wait(kNothrow);
  if (!outcome->response) co_return Text(503, "this takes long, and goes on\n");
  co_return std::move(*outcome->response);
}

// What is answered instead of what was asked for; none when the client may have that.
asio::awaitable<std::optional<Response>> Connection::Admit(const RequestHeader& header) {
  if (!site_->bucket.Take(protection_->rate_limit, std::chrono::steady_clock::now())) {
    co_return TryLater(429, "too many requests\n");
  }
  if (protection_->users.empty()) co_return std::nullopt;
  if (header.count(http::field::authorization) != 1) co_return Unauthorized();
  std::string authorization(View(header[http::field::authorization]));
  const auto verdict = co_await site_->authenticator.Check(protection_, std::move(authorization));
  switch (verdict) {
    case Authenticator::Verdict::kAccepted: co_return std::nullopt;
    case Authenticator::Verdict::kBusy:
      co_return TryLater(503, "too many passwords are being checked\n");
    case Authenticator::Verdict::kRefused: break;
  }
  co_return Unauthorized();
}

// The answer to a header that could not be read; none when nobody is there to read it.
std::optional<Answer> Connection::AnswerTo(const Error& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Answer{.response = Text(431, "the request's headers are too large\n")};
  }
  const bool is_parsing = error.category() == http::make_error_code(http::error{}).category();
  if (!is_parsing || error == http::error::end_of_stream || error == http::error::partial_message) {
    return std::nullopt;
  }
  return Answer{.response = Text(400, "bad request: " + error.message() + "\n")};
}

// True when the connection can carry another request.
asio::awaitable<bool> Connection::Send(Answer answer, Manner manner) {
  const Response& response = answer.response;
  if (site_->options.observer) site_->options.observer(answer.handler, response.status);
  const bool in_parts = static_cast<bool>(response.next_part);
  // Before HTTP/1.1 only the end of the connection tells that of a body whose length is not known.
  if (in_parts && manner.version < 11) manner.keep_alive = false;
  stream_.tcp().expires_after(site_->options.write_timeout);
  Error error;
  if (in_parts) {
    error = co_await SendParts(response, manner);
  } else {
    error = co_await SendWhole(response, manner);
  }
  Become(Standing::kWaiting);
  if (!error && manner.keep_alive && !stopping_) co_return true;
  if (!error) co_await Linger();
  co_return false;
}

asio::awaitable<Error> Connection::SendWhole(const Response& response, Manner manner) {
  Message message = HeaderOf(response, *protection_, manner.version, manner.keep_alive);
  std::string packed;
  if (response.body) message.body() = {response.body->data(), response.body->size()};
  if (response.compressible && manner.gzip && message.body().size() > kCompressedMin) {
    packed = Gzip(*response.body);
    message.body() = {packed.data(), packed.size()};
    message.set(http::field::content_encoding, "gzip");
  }
  message.content_length(message.body().size());
  http::response_serializer<http::span_body<const char>> serializer(message);
  Error error;
  if (manner.head) {
    std::tie(error, std::ignore) = co_await http::async_write_header(stream_, serializer, kNothrow);
  } else {
    std::tie(error, std::ignore) = co_await http::async_write(stream_, serializer, kNothrow);
  }
  co_return error;
}

asio::awaitable<Error> Connection::SendParts(const Response& response, Manner manner) {
  Message message = HeaderOf(response, *protection_, manner.version, manner.keep_alive);
  const bool chunked = manner.version >= 11;
  if (chunked) message.chunked(true);
  if (response.is_gzip) message.set(http::field::content_encoding, "gzip");
  http::response_serializer<http::span_body<const char>> serializer(message);
  auto [error, length] = co_await http::async_write_header(stream_, serializer, kNothrow);
  if (manner.head) co_return error;
  while (!error) {
    const std::optional<std::string_view> part = PartOf(response);
    if (!part) co_return asio::error::operation_aborted;
    if (part->empty()) break;
    const asio::const_buffer bytes(part->data(), part->size());
    if (chunked) {
      std::tie(error, length) =
          co_await asio::async_write(stream_, http::make_chunk(bytes), kNothrow);
    } else {
      std::tie(error, length) = co_await asio::async_write(stream_, bytes, kNothrow);
    }
  }
  if (!error && chunked) {
    std::tie(error, length) =
        co_await asio::async_write(stream_, http::make_chunk_last(), kNothrow);
  }
  co_return error;
}

// Closing a socket with bytes unread resets the connection, and the client may lose the response
// (RFC 9112 section 9.6): say that it was the last one, then read until the client has closed.
asio::awaitable<void> Connection::Linger() {
  stream_.tcp().expires_after(kLingerTime);
#ifndef __clang_analyzer__  // It sees a pointer of asio's coroutines undefined that never is.
  if (stream_.tls()) co_await stream_.tls()->async_shutdown(kNothrow);
#endif
  Error error;
  stream_.tcp().socket().shutdown(tcp::socket::shutdown_send, error);
  std::array<char, 4096> discarded;
  std::size_t total = 0;
  while (!error && !stopping_ && total < kLingerBytes) {
    std::size_t length = 0;
    std::tie(error, length) =
        co_await stream_.tcp().async_read_some(asio::buffer(discarded), kNothrow);
    total += length;
  }
}

}  // namespace web
