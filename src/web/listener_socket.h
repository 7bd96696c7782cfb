#pragma once

#include "web/beast.h"

namespace web {

/// What a Listener holds, apart from its header so that its users do not pay for Asio's sockets.
struct ListenerSocket {
  boost::asio::ip::tcp::acceptor acceptor;
};

}  // namespace web
