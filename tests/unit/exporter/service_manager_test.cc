#include "exporter/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

namespace exporter {
namespace {

// The end of the socket that systemd holds, at an abstract address of this process' own.
class Systemd {
 public:
  explicit Systemd(std::string path) : path_(std::move(path)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    if (path_.front() == '@') address.sun_path[0] = '\0';
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
    EXPECT_EQ(0, ::bind(socket_, reinterpret_cast<sockaddr*>(&address), length));
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~Systemd() {
    ::close(socket_);
    if (path_.front() == '/') std::filesystem::remove(path_);
  }

  // The next message, or "" when there is none.
  std::string Message() const {
    std::array<char, 4096> buffer{};
    const auto length = ::recv(socket_, buffer.data(), buffer.size(), 0);
    return length < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(length));
  }

 private:
  std::string path_;
  int socket_ = -1;
};

std::string AbstractPath() { return "@exporter-test-" + std::to_string(::getpid()); }

TEST(ServiceManager, SaysWhenItIsReadyReloadsAndStops) {
  const Systemd systemd(AbstractPath());
  ServiceManager manager;
  manager.Ready();
  EXPECT_EQ("READY=1", systemd.Message());
  manager.Reloading();
  EXPECT_TRUE(systemd.Message().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  manager.Stopping();
  EXPECT_EQ("STOPPING=1", systemd.Message());
}

TEST(ServiceManager, SaysHowThingsAreOnceUntilTheyChange) {
  const Systemd systemd(AbstractPath());
  ServiceManager manager;
  EXPECT_TRUE(manager.is_heard());
  manager.SetStatus("All 2 homeservers can be reached");
  EXPECT_EQ("STATUS=All 2 homeservers can be reached", systemd.Message());
  manager.SetStatus("All 2 homeservers can be reached");
  EXPECT_EQ("", systemd.Message());
  manager.SetStatus("1 of 2 homeservers cannot be reached");
  EXPECT_EQ("STATUS=1 of 2 homeservers cannot be reached", systemd.Message());
}

TEST(ServiceManager, SpeaksThroughASocketInTheFileSystem) {
  const auto path =
      std::filesystem::temp_directory_path() / ("notify" + std::to_string(::getpid()));
  const Systemd systemd(path.string());
  ServiceManager().Ready();
  EXPECT_EQ("READY=1", systemd.Message());
}

TEST(ServiceManager, LeavesNothingInTheEnvironmentForItsChildren) {
  const Systemd systemd(AbstractPath());
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const ServiceManager manager;
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    EXPECT_EQ(nullptr, std::getenv(name)) << name;
  }
}

TEST(ServiceManager, KnowsHowOftenTheWatchdogWantsToHear) {
  const Systemd systemd(AbstractPath());
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ServiceManager manager;
  EXPECT_EQ(std::chrono::seconds(30), manager.watchdog());
  manager.KeepAlive();
  EXPECT_EQ("WATCHDOG=1", systemd.Message());
}

TEST(ServiceManager, TheWatchdogOfAnotherProcessIsNoneOfItsBusiness) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(std::nullopt, ServiceManager().watchdog());
}

TEST(ServiceManager, DoesNothingWhereThereIsNoSystemd) {
  ::unsetenv("NOTIFY_SOCKET");
  ServiceManager manager;
  manager.Ready();
  EXPECT_FALSE(manager.is_heard());
  EXPECT_EQ(std::nullopt, manager.watchdog());
}

TEST(ServiceManager, ANonsensicalSocketIsNoSocket) {
  const std::string long_path = "/" + std::string(200, 'x');
  for (const std::string& path : {std::string("vsock:2:1234"), std::string("@"), long_path}) {
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ServiceManager().Ready();
  }
}

TEST(ServiceManager, GoesOnWhenSystemdIsGone) {
  auto systemd = std::make_unique<Systemd>(AbstractPath());
  ServiceManager manager;
  systemd.reset();
  manager.Ready();
}

}  // namespace
}  // namespace exporter
