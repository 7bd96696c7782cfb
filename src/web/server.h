#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "web/field.h"
#include "web/listener.h"
#include "web/protection.h"

namespace web {

/// What a handler sees of a request: the target as the client sent it (RFC 9112 section 3.2), cut
/// at the first "?", not percent-decoded. The route prefix is taken off the path.
struct Request {
  std::string method;  // one that the route allows
  std::string path;    // "/metrics"
  std::string query;   // "target=example.org", without the "?"; for QueryValue
  std::string accept;  // every Accept header, joined by ", "; for BestMediaType
  std::string host;    // the Host header
  std::string origin;  // likewise
  std::string site;    // Sec-Fetch-Site; these two for ComesFromElsewhere
  std::string rest;    // what follows the path of a prefix route; for PercentDecode
  bool gzip = false;   // whether the client accepts that
};

/// Gives a large body part by part while it is sent: each stays valid until the next call, and an
/// empty one is the end. Runs where handlers do; what it throws ends the connection.
using NextPart = std::function<std::string_view()>;

/// A NextPart of what cannot be copied.
template <typename Source>
NextPart Parts(Source source) {
  return [shared = std::make_shared<Source>(std::move(source))] { return (*shared)(); };
}

/// What a handler answers. The body is shared: a rendering may serve several clients, and lives
/// until the last of them has it; none means an empty one.
struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body;
  NextPart next_part;         // gives the body, in place of the member above
  bool is_gzip = false;       // what it gives
  bool compressible = false;  // as gzip, where the client accepts that and it is worth it
  bool negotiated = false;    // by the Accept header: caches must know
  std::vector<Field> fields;  // further ones; those that the server sets itself are not for here
};

/// A response of plain text.
Response Text(unsigned status, std::string text);

/// Runs on the server's thread and must not block: no other client is served meanwhile. What it
/// throws becomes a 500.
using Handler = std::function<Response(const Request&)>;

/// Called with the response, once, on the server's thread.
using Reply = std::function<void(Response)>;

/// A handler that answers when it knows, within ServerOptions::write_timeout: then the client is
/// told 503. It may reply before it returns.
using LaterHandler = std::function<void(const Request&, Reply)>;

/// Answers these methods at exactly this path; a prefix route, whose path ends in "/", at all paths
/// that begin with it. An exact route goes before a prefix route, and the longest of those wins.
/// The summary is for people who asked for another path. A request with a method other than GET and
/// HEAD may carry a small body: nobody looks at it.
struct Route {
  std::string path;
  std::string summary;
  Handler handler;
  std::vector<std::string> methods = {"GET", "HEAD"};
  bool prefix = false;
  bool always = false;  // even when ServerOptions::max_requests are in service
  /// Whether the handler judges the query, or takes no notice of it; else a parameter is 400.
  bool takes_parameters = false;
  LaterHandler later = nullptr;  // in place of the handler
};

struct ServerOptions {
  /// Above it one that no handler serves is closed for each that comes, or else it is told 503.
  std::size_t max_connections = 512;
  /// Handlers' responses that are on their way at a time; those above it are 503.
  std::size_t max_requests = 40;
  std::chrono::seconds handshake_timeout{10};  // for a whole TLS handshake
  std::chrono::seconds idle_timeout{60};   // for a whole request header, from the previous response
  std::chrono::seconds write_timeout{60};  // for a whole response
  std::size_t header_max = std::size_t{16} * 1024;  // bytes of a request line and its headers
  /// Where the routes begin, like "/federation"; all other paths are 404. Empty: at "/".
  std::string route_prefix;
  /// Asked for every connection and for every request: what protects the server from now on. It
  /// runs on the server's thread. None: nothing does. A connection that began with another TLS than
  /// is asked for now is closed in place of an answer.
  std::function<std::shared_ptr<const Protection>()> protection;
  /// Called for every response: with the path of the route that was asked for, or "other".
  std::function<void(std::string_view handler, unsigned status)> observer;
};

/// An HTTP/1.1 server (RFC 9110, RFC 9112) for pages that are read: keep-alive and pipelining,
/// gzip, TLS and passwords as its owner says, request bodies are ignored. It knows nothing of what
/// it serves. Neither a client nor a handler can end it: a bad request gets its 4xx, an exception a
/// 500, and the connection is closed.
///
/// All calls on the executor's thread (one thread), whose context must outlive the server.
class Server {
 public:
  Server(boost::asio::any_io_executor executor, std::vector<Route> routes, ServerOptions options);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Accepts clients from now on; callable for several listeners.
  void Serve(Listener listener);

  /// Closes the listeners and every connection that waits for a request; no handler is called any
  /// more. A response under way is still sent, for no longer than the write timeout: then the
  /// context runs out of work. A daemon in a hurry stops the context.
  void Stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace web
