#include "net/cares_dns_client.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

#include "matrix_federation/local_fault.h"
#include "net/asio.h"
#include "net/descriptor_watch.h"
#include "net/dns_answer.h"
#include "net/when_all.h"

// Written against c-ares 1.18 (Debian 12): SERVFAIL, NOTIMP and REFUSED reach the caller only with
// ARES_FLAG_NOCHECKRESP; ares_timeout() is linear in the outstanding queries, so a fixed tick
// drives the time-outs.

namespace net {
namespace {

namespace asio = boost::asio;
using matrix_federation::Awaitable;
using matrix_federation::DnsAnswer;
using matrix_federation::DnsQuestion;
using matrix_federation::DnsStatus;
using matrix_federation::DnsType;
using matrix_federation::IsLocalFault;
using matrix_federation::SteadyTime;
using matrix_federation::ThrowLocalFault;

constexpr auto kTick = std::chrono::milliseconds(250);
constexpr int kEdnsPayload = 1232;  // DNS flag day 2020: no fragmentation on any path
constexpr int kReceiveBuffer = 1 << 20;

int TypeCode(DnsType type) {
  switch (type) {
    case DnsType::kA: return ns_t_a;
    case DnsType::kAaaa: return ns_t_aaaa;
    case DnsType::kSrv: return ns_t_srv;
  }
  return ns_t_a;
}

void InitialiseLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
}

// The servers that resolv.conf names, as "address:port".
std::vector<std::string> SystemServers() {
  std::vector<std::string> servers;
  ares_channel channel = nullptr;
  if (ares_init(&channel) != ARES_SUCCESS) return servers;
  ares_addr_port_node* nodes = nullptr;
  ares_get_servers_ports(channel, &nodes);
  for (const ares_addr_port_node* node = nodes; node != nullptr; node = node->next) {
    std::array<char, 64> text{};
    ares_inet_ntop(node->family, &node->addr, text.data(), text.size());
    const std::string port = std::to_string(node->udp_port == 0 ? 53 : node->udp_port);
    servers.push_back(node->family == AF_INET6 ? "[" + std::string(text.data()) + "]:" + port
                                               : std::string(text.data()) + ":" + port);
  }
  ares_free_data(nodes);
  ares_destroy(channel);
  return servers;
}

}  // namespace

// One DNS server and the channel that asks it.
class CaresDnsClient::Upstream : public std::enable_shared_from_this<Upstream> {
 public:
  Upstream(asio::any_io_executor executor, std::chrono::milliseconds timeout)
      : executor_(executor),
        watch_(executor,
               [this](int descriptor, bool readable, bool writable) {
                 ares_process_fd(channel_, readable ? descriptor : ARES_SOCKET_BAD,
                                 writable ? descriptor : ARES_SOCKET_BAD);
               }),
        tick_(executor),
        timeout_(timeout) {}

  ~Upstream() {
    if (channel_ != nullptr) ares_destroy(channel_);
  }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  bool Open(const std::string& server) {
    ares_options options{};
    options.flags =
        ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    // The waiting coroutine gives up first; this only clears what it left behind.
    options.timeout = static_cast<int>(timeout_.count()) + 1000;
    options.tries = 1;
    options.ednspsz = kEdnsPayload;
    options.sock_state_cb = [](void* self, ares_socket_t descriptor, int read, int write) {
      static_cast<Upstream*>(self)->watch_.Set(descriptor, read != 0, write != 0);
    };
    options.sock_state_cb_data = this;
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                     ARES_OPT_SOCK_STATE_CB;
    if (ares_init_options(&channel_, &options, mask) != ARES_SUCCESS) return false;
    UseOwnSockets();
    return ares_set_servers_ports_csv(channel_, server.c_str()) == ARES_SUCCESS;
  }

  // One question; kTimeout when nothing came within the time-out. Throws for want of a socket.
  Awaitable<DnsAnswer> Ask(const DnsQuestion& question, SteadyTime deadline) {
    auto [answer, code] = co_await AskOnce(question, deadline);
    // A server without EDNS (RFC 6891 section 7): c-ares leaves it away from the first such answer
    // on, but repeats only the one question, and others were on their way.
    if (code == ARES_EFORMERR) answer = (co_await AskOnce(question, deadline)).first;
    co_return std::move(answer);
  }

 private:
  // The answer, and what c-ares called it.
  Awaitable<std::pair<DnsAnswer, int>> AskOnce(const DnsQuestion& question, SteadyTime deadline) {
    auto pending = std::make_shared<Pending>(executor_, question.type);
    pending->wake.expires_at(std::min(deadline, std::chrono::steady_clock::now() + timeout_));
    ++outstanding_;
    auto* argument = new Argument{this, pending};  // owned by c-ares until its one call back
    ares_query(channel_, question.name.c_str(), ns_c_in, TypeCode(question.type), &OnAnswer,
               argument);
    StartTicking();
    if (!pending->answered) {
      co_await pending->wake.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (IsLocalFault(pending->socket_error)) ThrowLocalFault(pending->socket_error);
    co_return std::pair{std::move(pending->answer), pending->code};
  }

  struct Pending {
    Pending(const asio::any_io_executor& executor, DnsType question_type)
        : wake(executor), type(question_type) {}
    asio::steady_timer wake;
    DnsType type;
    DnsAnswer answer;
    int code = ARES_SUCCESS;
    bool answered = false;
    int socket_error = 0;
  };
  struct Argument {
    Upstream* upstream;
    std::shared_ptr<Pending> pending;
  };

  // Called exactly once for every query, also from within ares_query and ares_destroy.
  static void OnAnswer(void* raw, int code, int /*timeouts*/, unsigned char* packet, int length) {
    const std::unique_ptr<Argument> argument(static_cast<Argument*>(raw));
    --argument->upstream->outstanding_;
    Pending& pending = *argument->pending;
    pending.answer =
        ReadDnsAnswer(pending.type, code, {packet, static_cast<std::size_t>(std::max(length, 0))});
    pending.code = code;
    pending.answered = true;
    pending.socket_error = std::exchange(argument->upstream->socket_error_, 0);
    pending.wake.cancel();
  }

  // c-ares calls it a refusal by the DNS server when it cannot open a socket, and does not say why.
  void UseOwnSockets() {
    static const ares_socket_functions kFunctions{
        .asocket =
            [](int family, int type, int protocol, void* self) {
              return static_cast<Upstream*>(self)->OpenSocket(family, type, protocol);
            },
        .aclose = [](ares_socket_t descriptor, void*) { return ::close(descriptor); },
        .aconnect = [](ares_socket_t descriptor, const sockaddr* to, ares_socklen_t length,
                       void*) { return ::connect(descriptor, to, length); },
        .arecvfrom =
            [](ares_socket_t descriptor, void* buffer, std::size_t size, int flags, sockaddr* from,
               ares_socklen_t* length,
               void*) { return ::recvfrom(descriptor, buffer, size, flags, from, length); },
        .asendv = [](ares_socket_t descriptor, const iovec* parts, int count,
                     void*) { return ::writev(descriptor, parts, count); },
    };
    ares_set_socket_functions(channel_, &kFunctions, this);
  }

  ares_socket_t OpenSocket(int family, int type, int protocol) {
    const int descriptor = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) {
      socket_error_ = errno;
    } else {
      ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    }
    return descriptor;
  }

  void StartTicking() {
    if (ticking_ || outstanding_ == 0) return;
    ticking_ = true;
    tick_.expires_after(kTick);
    // A tick that is already on its way may find nobody any more.
    tick_.async_wait([weak = weak_from_this()](auto error) {
      const auto self = weak.lock();
      if (!error && self) self->Tick();
    });
  }

  void Tick() {
    ticking_ = false;
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    StartTicking();
  }

  asio::any_io_executor executor_;
  DescriptorWatch watch_;
  asio::steady_timer tick_;
  std::chrono::milliseconds timeout_;
  ares_channel channel_ = nullptr;
  std::size_t outstanding_ = 0;
  int socket_error_ = 0;  // of the last attempt that failed, until a question ends by it
  bool ticking_ = false;
};

CaresDnsClient::CaresDnsClient(const DnsClientOptions& options, Observer observer)
    : options_(options), observer_(std::move(observer)) {}

CaresDnsClient::~CaresDnsClient() = default;

std::unique_ptr<CaresDnsClient> CaresDnsClient::Create(asio::any_io_executor executor,
                                                       const DnsClientOptions& options,
                                                       Observer observer, std::string& error) {
  InitialiseLibrary();
  std::unique_ptr<CaresDnsClient> client(new CaresDnsClient(options, std::move(observer)));
  if (client->options_.servers.empty()) client->options_.servers = SystemServers();
  if (client->options_.servers.empty()) {
    error = "the system names no DNS server (resolv.conf); set dns.servers";
    return nullptr;
  }
  for (const std::string& server : client->options_.servers) {
    auto upstream = std::make_shared<Upstream>(executor, options.timeout);
    if (!upstream->Open(server)) {
      error = "dns.servers: '" + server + "' cannot be used as a DNS server";
      return nullptr;
    }
    client->upstreams_.push_back(std::move(upstream));
  }
  return client;
}

Awaitable<std::vector<DnsAnswer>> CaresDnsClient::Query(std::vector<DnsQuestion> questions,
                                                        SteadyTime deadline) {
  std::vector<Awaitable<DnsAnswer>> tasks;
  tasks.reserve(questions.size());
  for (DnsQuestion& question : questions) tasks.push_back(Ask(std::move(question), deadline));
  co_return co_await WhenAll(std::move(tasks));
}

Awaitable<DnsAnswer> CaresDnsClient::Ask(DnsQuestion question, SteadyTime deadline) {
  DnsAnswer answer;
  int asked = 0;
  for (int attempt = 0; attempt < options_.attempts; ++attempt) {
    bool some_server_was_silent = false;
    for (const auto& upstream : upstreams_) {
      if (std::chrono::steady_clock::now() >= deadline) break;
      answer = co_await upstream->Ask(question, deadline);
      answer.attempts = ++asked;
      const bool silent = answer.status == DnsStatus::kTimeout;
      some_server_was_silent = some_server_was_silent || silent;
      if (!silent && answer.status != DnsStatus::kServfail &&
          answer.status != DnsStatus::kRefused) {
        observer_(question.type, answer.status);
        co_return answer;
      }
    }
    if (!some_server_was_silent) break;
  }
  observer_(question.type, answer.status);
  co_return answer;
}

}  // namespace net
