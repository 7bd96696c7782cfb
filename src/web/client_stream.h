#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "web/beast.h"
#include "web/tls_context_data.h"

namespace web {

/// The bytes of one client, plain or through TLS: an AsyncReadStream and AsyncWriteStream of Asio
/// with the time-outs of beast::tcp_stream.
class ClientStream {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;  // NOLINT: Asio's name
  using Tls = boost::beast::ssl_stream<boost::beast::tcp_stream&>;

  explicit ClientStream(boost::asio::ip::tcp::socket socket) : tcp_(std::move(socket)) {}

  /// From now on bytes go through TLS, beginning with its handshake.
  Tls& StartTls(std::shared_ptr<TlsContext> context) {
    context_ = std::move(context);
    return tls_.emplace(tcp_, context_->context);
  }

  /// What TLS was started with; none where the bytes are plain.
  [[nodiscard]] const std::shared_ptr<TlsContext>& context() const { return context_; }

  boost::beast::tcp_stream& tcp() { return tcp_; }
  std::optional<Tls>& tls() { return tls_; }

  // The names below are those that Asio asks for.
  executor_type get_executor() { return tcp_.get_executor(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return tls_ ? tls_->async_read_some(buffers, std::forward<Token>(token))
                : tcp_.async_read_some(buffers, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return tls_ ? tls_->async_write_some(buffers, std::forward<Token>(token))
                : tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  boost::beast::tcp_stream tcp_;
  std::shared_ptr<TlsContext> context_;  // as long as the stream may call back into it
  std::optional<Tls> tls_;
};

}  // namespace web
