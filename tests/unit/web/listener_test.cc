#include "web/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "raw_client.h"

namespace web {
namespace {

class ListenerTest : public ::testing::Test {
 protected:
  std::vector<Listener> Open(const std::vector<std::string>& addresses) {
    return Listener::OpenAll(context_.get_executor(), addresses, error_);
  }

  static int PortOf(const Listener& listener) {
    const std::string address = listener.LocalAddress();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  boost::asio::io_context context_;
  std::string error_;
};

TEST_F(ListenerTest, ChoosesAPortWhenAskedForNone) {
  const auto listeners = Open({"127.0.0.1:0"});
  ASSERT_EQ(listeners.size(), 1U) << error_;
  EXPECT_GT(PortOf(listeners.front()), 0);
  EXPECT_TRUE(listeners.front().LocalAddress().starts_with("127.0.0.1:"));
}

TEST_F(ListenerTest, OnAllAddressesTakesIpv4Clients) {
  const auto listeners = Open({":0"});
  ASSERT_EQ(listeners.size(), 1U) << error_;
  EXPECT_NO_THROW(testing::RawClient client(PortOf(listeners.front())));
}

TEST_F(ListenerTest, OpensEveryAddress) {
  EXPECT_EQ(Open({"127.0.0.1:0", "127.0.0.2:0"}).size(), 2U) << error_;
}

TEST_F(ListenerTest, SaysThatTheAddressIsInUse) {
  const auto listeners = Open({"127.0.0.1:0"});
  ASSERT_EQ(listeners.size(), 1U) << error_;
  const std::string address = listeners.front().LocalAddress();
  EXPECT_TRUE(Open({address}).empty());
  EXPECT_EQ(error_, "--web.listen-address " + address +
                        ": address already in use; stop the other program or choose another port");
}

TEST_F(ListenerTest, SaysThatTheMachineDoesNotHaveTheAddress) {
  EXPECT_TRUE(Open({"192.0.2.1:0"}).empty());
  EXPECT_EQ(error_,
            "--web.listen-address 192.0.2.1:0: no interface of this machine has that address");
}

TEST_F(ListenerTest, OpensNothingWhenOneAddressIsWrong) {
  EXPECT_TRUE(Open({"127.0.0.1:0", "localhost:9999"}).empty());
  EXPECT_TRUE(error_.starts_with("--web.listen-address localhost:9999: ")) << error_;
}

TEST_F(ListenerTest, NamesTheFlagItIsGiven) {
  Listener::OpenAll(context_.get_executor(), {"80"}, error_, "--web.health-listen-address");
  EXPECT_TRUE(error_.starts_with("--web.health-listen-address 80: ")) << error_;
}

TEST_F(ListenerTest, InheritsNothingFromAnotherProcess) {
  ::setenv("LISTEN_PID", std::to_string(::getppid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "1", 1);
  EXPECT_TRUE(Listener::Inherited(context_.get_executor()).empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

// Runs in a child process, where descriptors 3 and 4 can be taken: a listening socket and a pipe.
// Its exit status says which expectation failed.
[[noreturn]] void InheritInChild(int listening) {
  int ends[2];
  if (::pipe(ends) != 0) std::_Exit(1);
  const int socket = ::fcntl(listening, F_DUPFD, 100);
  const int other = ::fcntl(ends[0], F_DUPFD, 100);
  if (::dup2(socket, 3) != 3 || ::dup2(other, 4) != 4) std::_Exit(2);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "2", 1);
  // Made after: a context of the parent may have owned descriptor 3 or 4.
  boost::asio::io_context context;
  const auto listeners = Listener::Inherited(context.get_executor());
  if (listeners.size() != 1) std::_Exit(3);
  if (!listeners.front().LocalAddress().starts_with("127.0.0.1:")) std::_Exit(4);
  if ((::fcntl(3, F_GETFD) & FD_CLOEXEC) == 0) std::_Exit(5);
  if (std::getenv("LISTEN_PID") != nullptr) std::_Exit(6);
  if (!Listener::Inherited(context.get_executor()).empty()) std::_Exit(7);
  std::_Exit(0);
}

TEST(InheritedDeathTest, ListenersAreTheSocketsThatSystemdOpened) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  EXPECT_EXIT(InheritInChild(listening), ::testing::ExitedWithCode(0), "");
  ::close(listening);
}

}  // namespace
}  // namespace web
