#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "web/beast.h"
#include "web/router.h"
#include "web/server.h"

namespace web {

/// What all connections of a server share, unchanged for its life.
struct Site {
  Router router;
  ServerOptions options;
};

/// One client: reads requests and answers them in their order, until either side has enough.
/// The coroutines own the connection while they run.
class Connection {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<const Site> site);

  static boost::asio::awaitable<void> Serve(std::shared_ptr<Connection> self);

  /// Tells a client that there are too many.
  static boost::asio::awaitable<void> Refuse(std::shared_ptr<Connection> self);

  /// Closes the connection: now, or after the response that is under way.
  void Stop();

 private:
  /// How a response is sent, which is the request's to say.
  struct Manner {
    unsigned version = 11;
    bool keep_alive = false;
    bool head = false;
    bool gzip = false;
  };

  boost::asio::awaitable<bool> ServeOne();
  boost::asio::awaitable<bool> Send(Answer answer, Manner manner);
  boost::asio::awaitable<void> Linger();
  [[nodiscard]] static std::optional<Answer> AnswerTo(const boost::system::error_code& error);

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<const Site> site_;
  bool answering_ = false;
  bool stopping_ = false;
};

}  // namespace web
