#pragma once

#include <string>
#include <string_view>

namespace web::testing {

/// A response as it came over the wire.
struct RawResponse {
  std::string head;  // status line and headers with their line ends
  std::string body;

  [[nodiscard]] int Status() const;
  /// The value of a header, "" without it; the name as the server writes it.
  [[nodiscard]] std::string Header(std::string_view name) const;
};

/// A client that sends what it is told and nothing else, on a blocking socket to 127.0.0.1. It
/// waits at most a minute for anything, then throws std::runtime_error.
class RawClient {
 public:
  RawClient();
  explicit RawClient(int port) : RawClient() { Connect(port); }
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// From another address of the loopback network where one is given: 2 for 127.0.0.2.
  void Connect(int port, unsigned last_octet = 1);
  void Send(std::string_view bytes);
  void CloseSending();
  /// Reads up to the length that the response announces; only its head when it answers a HEAD.
  RawResponse Receive(bool to_head_request = false);
  /// Nothing has come that was not received.
  [[nodiscard]] bool HasNothing() const;
  /// Waits until the server has closed; what it sent before.
  std::string ReceiveUntilClosed();

  /// Sends a GET and receives the response.
  RawResponse Get(std::string_view path, std::string_view more_headers = "");

 private:
  bool ReadMore();  // false at the end of the stream

  int socket_;
  std::string received_;
};

}  // namespace web::testing
