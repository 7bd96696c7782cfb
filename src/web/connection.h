#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "web/beast.h"
#include "web/client_stream.h"
#include "web/guest.h"
#include "web/router.h"
#include "web/site.h"

namespace web {

/// One client: reads requests and answers them in their order, until either side has enough.
/// The coroutines own the connection while they run.
class Connection {
 public:
  enum class Standing : std::uint8_t {
    kWaiting,    // for a handshake or a request, or for the client to close
    kAnswering,  // before or without a handler
    kServed,     // by a handler, until the client has the response
    kClosed,
  };

  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<Site> site);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static boost::asio::awaitable<void> Serve(std::shared_ptr<Connection> self);

  /// Tells a client that there are too many; over TLS it is only closed.
  static boost::asio::awaitable<void> Refuse(std::shared_ptr<Connection> self);

  /// Closes the connection: now, or after the response that is under way.
  void Stop();

  /// Closes the connection now.
  void Close();

  [[nodiscard]] Standing standing() const { return standing_; }
  [[nodiscard]] const Guest& guest() const { return guest_; }

 private:
  using RequestHeader = boost::beast::http::request_header<>;

  /// How a response is sent, which is the request's to say.
  struct Manner {
    unsigned version = 11;
    bool keep_alive = false;
    bool head = false;
    bool gzip = false;
  };

  boost::asio::awaitable<bool> ShakeHands();
  boost::asio::awaitable<bool> ServeOne();
  boost::asio::awaitable<std::optional<Response>> Admit(const RequestHeader& header);
  boost::asio::awaitable<Response> Await(std::function<void(Reply)> later);
  boost::asio::awaitable<bool> Send(Answer answer, Manner manner);
  boost::asio::awaitable<boost::system::error_code> SendWhole(const Response& response,
                                                              Manner manner);
  boost::asio::awaitable<boost::system::error_code> SendParts(const Response& response,
                                                              Manner manner);
  boost::asio::awaitable<void> Linger();
  void Become(Standing standing);
  bool BecomeServed();
  [[nodiscard]] static std::optional<Answer> AnswerTo(const boost::system::error_code& error);

  ClientStream stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<Site> site_;
  std::shared_ptr<const Protection> protection_;
  Guest guest_;
  Standing standing_ = Standing::kWaiting;
  bool stopping_ = false;
};

}  // namespace web
