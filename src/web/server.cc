#include "web/server.h"

#include <exception>
#include <utility>

#include "web/beast.h"
#include "web/connection.h"
#include "web/listener_socket.h"
#include "web/site.h"

namespace web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr auto kNothrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::size_t kRefusalsMax = 64;  // being told 503 at a time; others are only closed

}  // namespace

/// The coroutines keep it alive, beyond the Server when a response is still under way.
struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::any_io_executor on, std::shared_ptr<Site> what)
      : executor(std::move(on)), site(std::move(what)) {}

  static asio::awaitable<void> Accept(std::shared_ptr<State> self,
                                      std::shared_ptr<ListenerSocket> listener);
  void Welcome(tcp::socket socket);

  asio::any_io_executor executor;
  std::shared_ptr<Site> site;
  std::vector<std::shared_ptr<ListenerSocket>> listeners;
  bool stopped = false;
};

asio::awaitable<void> Server::State::Accept(std::shared_ptr<State> self,
                                            std::shared_ptr<ListenerSocket> listener) {
  while (!self->stopped) {
    auto [error, socket] = co_await listener->acceptor.async_accept(self->executor, kNothrow);
    if (self->stopped) break;
    if (!error) {
      self->Welcome(std::move(socket));
      continue;
    }
    // Out of descriptors or memory, mostly: the client stays in the queue, and so would we spin.
    asio::steady_timer pause(self->executor, kAcceptPause);
    co_await pause.async_wait(kNothrow);
  }
}

void Server::State::Welcome(tcp::socket socket) {
  if (site->connections.size() >= site->options.max_connections + kRefusalsMax) return;
  const bool has_room = site->MakeRoomForConnection();
  auto connection = std::make_shared<Connection>(std::move(socket), site);
  asio::co_spawn(executor,
                 has_room ? Connection::Serve(connection) : Connection::Refuse(connection),
                 // Whatever ends it, for example a lack of memory, ends this connection only.
                 [](std::exception_ptr) {});
}

Server::Server(asio::any_io_executor executor, std::vector<Route> routes, ServerOptions options)
    : state_(std::make_shared<State>(
          std::move(executor), std::make_shared<Site>(std::move(routes), std::move(options)))) {}

Server::~Server() { Stop(); }

void Server::Serve(Listener listener) {
  auto& socket = state_->listeners.emplace_back(std::move(listener.socket_));
  // A restart is better than a server that welcomes nobody any more.
  asio::co_spawn(state_->executor, State::Accept(state_, socket), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
}

void Server::Stop() {
  state_->stopped = true;
  Error ignored;
  for (const auto& listener : state_->listeners) listener->acceptor.close(ignored);
  for (Connection* connection : state_->site->connections) connection->Stop();
  state_->site->authenticator.Stop();
}

}  // namespace web
