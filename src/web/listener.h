#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace web {

struct ListenerSocket;

/// An open TCP socket that already listens: clients queue in the kernel until a Server takes it.
/// Opening is apart from serving, so that a daemon fails at its start, before it works or drops its
/// privileges. Move-only; closes the socket at its end. Belongs to the executor's thread and must
/// not outlive its context.
class Listener {
 public:
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  /// One listener for each address (see ParseAddress), or none and one sentence in `error` that
  /// names the address and the cause. ":10448" is one socket for both IP versions, or for IPv4
  /// where the machine has no IPv6. `flag` is what the sentence calls the setting.
  static std::vector<Listener> OpenAll(boost::asio::any_io_executor executor,
                                       const std::vector<std::string>& addresses,
                                       std::string& error,
                                       std::string_view flag = "--web.listen-address");

  /// The sockets that systemd opened for this process (sd_listen_fds(3)), empty when it opened
  /// none. Takes the variables out of the environment: a second call finds nothing. Descriptors
  /// that are no listening TCP sockets are left alone.
  static std::vector<Listener> Inherited(boost::asio::any_io_executor executor);

  /// "127.0.0.1:10448", "[::]:10448"; the port is the real one where 0 was asked for.
  [[nodiscard]] std::string LocalAddress() const;

 private:
  friend class Server;
  explicit Listener(std::unique_ptr<ListenerSocket> socket);

  std::unique_ptr<ListenerSocket> socket_;
};

}  // namespace web
