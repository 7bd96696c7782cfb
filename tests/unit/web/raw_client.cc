#include "raw_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace web::testing {
namespace {

constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};
constexpr std::string_view kHeadEnd = "\r\n\r\n";

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

int RawResponse::Status() const { return std::stoi(head.substr(head.find(' ') + 1)); }

std::string RawResponse::Header(std::string_view name) const {
  const std::string line = "\r\n" + std::string(name) + ": ";
  const auto start = head.find(line);
  if (start == std::string::npos) return "";
  const auto value = start + line.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

RawClient::RawClient() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
}

RawClient::~RawClient() { ::close(socket_); }

void RawClient::Connect(int port, unsigned last_octet) {
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00U) | last_octet);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) Fail("bind");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<in_port_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // The sockets interface has every address pass for a sockaddr.
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket_, any, sizeof address) != 0) Fail("connect");
}

void RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) Fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::CloseSending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::HasNothing() const {
  char byte = 0;
  return received_.empty() && ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         errno == EAGAIN;
}

bool RawClient::ReadMore() {
  std::array<char, 65536> bytes{};
  const ssize_t length = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (length < 0) Fail("recv");
  received_.append(bytes.data(), static_cast<std::size_t>(length));
  return length > 0;
}

RawResponse RawClient::Receive(bool to_head_request) {
  std::size_t end = 0;
  while ((end = received_.find(kHeadEnd)) == std::string::npos) {
    if (!ReadMore()) throw std::runtime_error("closed before a response: " + received_);
  }
  RawResponse response{.head = received_.substr(0, end + kHeadEnd.size()), .body = ""};
  received_.erase(0, response.head.size());
  if (to_head_request) return response;
  const std::size_t length = std::stoul(response.Header("Content-Length"));
  while (received_.size() < length) {
    if (!ReadMore()) throw std::runtime_error("closed within a response");
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

std::string RawClient::ReceiveUntilClosed() {
  while (ReadMore()) {
  }
  return std::exchange(received_, "");
}

RawResponse RawClient::Get(std::string_view path, std::string_view more_headers) {
  Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more_headers) +
       "\r\n");
  return Receive();
}

}  // namespace web::testing
