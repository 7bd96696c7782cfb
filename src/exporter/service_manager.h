#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace exporter {

/// Tells systemd how the daemon is (sd_notify(3)): datagrams to the socket that $NOTIFY_SOCKET
/// names, also an abstract one. Without the variable everything here does nothing. What cannot be
/// sent is lost, which systemd notices by itself where it matters. Main thread.
class ServiceManager {
 public:
  using Microseconds = std::chrono::microseconds;

  /// Takes its variables out of the environment, so that no child speaks for the daemon.
  ServiceManager();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// Requests are served, after the start or a reload.
  void Ready();
  void Reloading();
  void Stopping();

  /// Whether anybody hears it.
  [[nodiscard]] bool is_heard() const { return socket_ >= 0; }

  /// A line for people, which `systemctl status` shows; sent when it is another than the last one.
  void SetStatus(const std::string& line);

  /// How often KeepAlive is due at least (WatchdogSec=); nullopt when nobody watches.
  [[nodiscard]] std::optional<Microseconds> watchdog() const { return watchdog_; }
  void KeepAlive();

 private:
  void Send(const std::string& message) const;

  int socket_ = -1;
  std::string status_;
  std::optional<Microseconds> watchdog_;
};

}  // namespace exporter
