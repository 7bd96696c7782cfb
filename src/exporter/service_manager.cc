#include "exporter/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace exporter {
namespace {

std::string TakeFromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

std::optional<std::int64_t> Number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

// A socket whose other end is `path`, or -1. "@" stands for the zero of an abstract address.
int ConnectTo(const std::string& path) {
  sockaddr_un address{};
  if (path.size() < 2 || path.size() > sizeof address.sun_path) return -1;
  if (path.front() != '/' && path.front() != '@') return -1;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&address), length) == 0) {
    return socket;
  }
  if (socket >= 0) ::close(socket);
  return -1;
}

std::string MonotonicMicroseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000);
}

}  // namespace

ServiceManager::ServiceManager() : socket_(ConnectTo(TakeFromEnvironment("NOTIFY_SOCKET"))) {
  const auto interval = Number(TakeFromEnvironment("WATCHDOG_USEC"));
  const std::string watched = TakeFromEnvironment("WATCHDOG_PID");
  const bool ours = watched.empty() || Number(watched) == ::getpid();
  if (interval && *interval > 0 && ours) watchdog_ = Microseconds(*interval);
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceManager::Ready() { Send("READY=1"); }

// The time lets systemd tell this reload's READY from an earlier one.
void ServiceManager::Reloading() { Send("RELOADING=1\nMONOTONIC_USEC=" + MonotonicMicroseconds()); }

void ServiceManager::Stopping() { Send("STOPPING=1"); }

void ServiceManager::SetStatus(const std::string& line) {
  if (line == status_) return;
  status_ = line;
  Send("STATUS=" + line);
}

void ServiceManager::KeepAlive() { Send("WATCHDOG=1"); }

void ServiceManager::Send(const std::string& message) const {
  if (socket_ < 0) return;
  [[maybe_unused]] const auto sent = ::send(socket_, message.data(), message.size(), MSG_NOSIGNAL);
}

}  // namespace exporter
