#include "web/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "web/address.h"
#include "web/listener_socket.h"

namespace web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START
constexpr int kInheritedMax = 64;

Error Open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool dual_stack) {
  Error error;
  acceptor.open(endpoint.protocol(), error);
  if (!error && ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(!dual_stack), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    Error ignored;
    acceptor.close(ignored);
  }
  return error;
}

bool MeansNoIpv6(const Error& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

Error Open(tcp::acceptor& acceptor, const Address& address) {
  if (address.ip) return Open(acceptor, {*address.ip, address.port}, /*dual_stack=*/false);
  const Error error = Open(acceptor, {tcp::v6(), address.port}, /*dual_stack=*/true);
  if (!MeansNoIpv6(error)) return error;
  return Open(acceptor, {tcp::v4(), address.port}, /*dual_stack=*/false);
}

std::string Sentence(const Error& error) {
  if (error == asio::error::address_in_use) {
    return "address already in use; stop the other program or choose another port";
  }
  if (error == boost::system::errc::permission_denied) {
    return "permission denied; choose a port above 1023 or give the program CAP_NET_BIND_SERVICE";
  }
  if (error == boost::system::errc::address_not_available) {
    return "no interface of this machine has that address";
  }
  if (error == asio::error::address_family_not_supported) return "this machine has no IPv6";
  return error.message();
}

// The value of an environment variable of the socket activation, 0 when absent or malformed.
int NumberInEnvironment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return 0;
  const std::string_view text = value;
  const char* const end = text.data() + text.size();
  int number = 0;
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  return failure == std::errc() && stop == end ? number : 0;
}

int SocketOption(int descriptor, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 ? value : 0;
}

// The protocol of a listening TCP socket, none for everything else.
std::optional<tcp> ListeningProtocol(int descriptor) {
  if (SocketOption(descriptor, SO_ACCEPTCONN) == 0 ||
      SocketOption(descriptor, SO_PROTOCOL) != IPPROTO_TCP) {
    return std::nullopt;
  }
  switch (SocketOption(descriptor, SO_DOMAIN)) {
    case AF_INET: return tcp::v4();
    case AF_INET6: return tcp::v6();
    default: return std::nullopt;
  }
}

}  // namespace

Listener::Listener(std::unique_ptr<ListenerSocket> socket) : socket_(std::move(socket)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

std::vector<Listener> Listener::OpenAll(asio::any_io_executor executor,
                                        const std::vector<std::string>& addresses,
                                        std::string& error, std::string_view flag) {
  std::vector<Listener> listeners;
  for (const std::string& text : addresses) {
    std::string cause;
    auto socket = std::make_unique<ListenerSocket>(ListenerSocket{tcp::acceptor(executor)});
    if (const auto address = ParseAddress(text, cause)) {
      if (const Error failure = Open(socket->acceptor, *address)) cause = Sentence(failure);
    }
    if (!cause.empty()) {
      error = std::string(flag) + " " + text + ": " + cause;
      return {};
    }
    listeners.push_back(Listener(std::move(socket)));
  }
  if (listeners.empty()) error = std::string(flag) + ": no address given";
  return listeners;
}

std::vector<Listener> Listener::Inherited(asio::any_io_executor executor) {
  const bool ours = NumberInEnvironment("LISTEN_PID") == ::getpid();
  const int count = ours ? std::min(NumberInEnvironment("LISTEN_FDS"), kInheritedMax) : 0;
  // Children must not take these sockets for theirs.
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  std::vector<Listener> listeners;
  for (int descriptor = kFirstInherited; descriptor < kFirstInherited + count; ++descriptor) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    const auto protocol = ListeningProtocol(descriptor);
    if (!protocol) continue;
    auto socket = std::make_unique<ListenerSocket>(ListenerSocket{tcp::acceptor(executor)});
    Error error;
    socket->acceptor.assign(*protocol, descriptor, error);
    if (!error) listeners.push_back(Listener(std::move(socket)));
  }
  return listeners;
}

std::string Listener::LocalAddress() const {
  Error error;
  const tcp::endpoint endpoint = socket_->acceptor.local_endpoint(error);
  const std::string ip = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + ip + "]" : ip) + ":" + std::to_string(endpoint.port());
}

}  // namespace web
