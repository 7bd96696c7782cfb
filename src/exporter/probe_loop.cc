#include "exporter/probe_loop.h"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "exporter/duration.h"

namespace exporter {
namespace {

namespace asio = boost::asio;
using matrix_federation::Report;

// Due times that lie closer together than this are served by one wake-up.
constexpr auto kCoalesce = std::chrono::milliseconds(10);
constexpr auto kHeartbeat = std::chrono::seconds(1);
constexpr auto kLifeSignMax = std::chrono::seconds(30);

}  // namespace

ProbeLoop::ProbeLoop(std::shared_ptr<const Settings> settings, std::vector<std::size_t> servers,
                     std::size_t in_flight_max, Board& board, Instruments& instruments,
                     Logger& logger)
    : settings_(std::move(settings)),
      servers_(std::move(servers)),
      in_flight_max_(in_flight_max),
      board_(board),
      instruments_(instruments),
      logger_(logger),
      schedule_(std::chrono::steady_clock::now()),
      histories_(servers_.size()),
      last_sign_of_life_(std::chrono::steady_clock::now().time_since_epoch().count()) {}

ProbeLoop::~ProbeLoop() = default;

std::unique_ptr<ProbeLoop> ProbeLoop::Create(std::shared_ptr<const Settings> settings,
                                             std::vector<std::size_t> servers,
                                             std::size_t in_flight_max, Board& board,
                                             Instruments& instruments, Logger& logger,
                                             std::string& error) {
  std::unique_ptr<ProbeLoop> loop(new ProbeLoop(std::move(settings), std::move(servers),
                                                in_flight_max, board, instruments, logger));
  const auto count_query = [&instruments](auto type, auto status) {
    instruments.CountDnsQuery(type, status);
  };
  loop->network_ =
      NetworkStack::Create(loop->io_.get_executor(), *loop->settings_, count_query, error);
  if (!loop->network_) return nullptr;
  loop->Begin();
  return loop;
}

void ProbeLoop::Begin() {
  for (std::size_t local = 0; local < servers_.size(); ++local) {
    const Homeserver& server = ServerAt(local);
    schedule_.Add(server.server_name, server.probe.interval, server.probe.failure_interval);
    const ServerView view{server, *settings_, histories_[local], nullptr, {}};
    board_.Publish(servers_[local], RenderBlock(view));
  }
  schedule_.Begin();
}

void ProbeLoop::Run() {
  pthread_setname_np(pthread_self(), "probe");
  Heartbeat();
  WaitForDue();
  io_.run();
}

void ProbeLoop::Stop() { io_.stop(); }

bool ProbeLoop::IsAlive() const {
  const std::chrono::steady_clock::time_point last{
      std::chrono::steady_clock::duration(last_sign_of_life_.load())};
  return std::chrono::steady_clock::now() - last < kLifeSignMax;
}

void ProbeLoop::Heartbeat() {
  last_sign_of_life_ = std::chrono::steady_clock::now().time_since_epoch().count();
  instruments_.Tick(std::chrono::system_clock::now());
  for (const int version : {4, 6}) {
    instruments_.SetNetworkAvailable(version, network_->NetworkHas(version));
  }
  heartbeat_timer_.expires_after(kHeartbeat);
  heartbeat_timer_.async_wait([this](auto error) {
    if (!error) Heartbeat();
  });
}

void ProbeLoop::WaitForDue() {
  const auto next = schedule_.Next();
  if (!next) return;
  // An earlier arming stays: were each finished probe to push the timer back, a busy loop would
  // never wake up for those who are due.
  const auto wake = *next + kCoalesce;
  if (armed_for_ && *armed_for_ <= wake) return;
  armed_for_ = wake;
  due_timer_.expires_at(wake);
  due_timer_.async_wait([this](auto error) {
    if (error) return;
    armed_for_.reset();
    TakeDue();
  });
}

void ProbeLoop::TakeDue() {
  const auto due = schedule_.TakeDue(std::chrono::steady_clock::now());
  waiting_.insert(waiting_.end(), due.begin(), due.end());
  instruments_.AddQueueLength(static_cast<int>(due.size()));
  instruments_.CountSkipped(schedule_.skipped() - skipped_reported_);
  skipped_reported_ = schedule_.skipped();
  StartProbes();
  WaitForDue();
}

void ProbeLoop::StartProbes() {
  while (!waiting_.empty() && in_flight_ < in_flight_max_) {
    const Schedule::Due next = waiting_.front();
    waiting_.pop_front();
    instruments_.AddQueueLength(-1);
    instruments_.ObserveLag(std::chrono::steady_clock::now() - next.due);
    ++in_flight_;
    instruments_.AddInFlight(1);
    asio::co_spawn(io_, Probe(next.server), asio::detached);
  }
}

asio::awaitable<void> ProbeLoop::Probe(std::size_t local) {
  const Homeserver& server = ServerAt(local);
  const auto options = network_->OptionsFor(server);
  const Report report = matrix_federation::Judge(co_await matrix_federation::Observe(
      server.server_name, network_->world(), options, histories_[local].known_keys));
  Finish(local, report);
}

void ProbeLoop::Finish(std::size_t local, const Report& report) {
  const Homeserver& server = ServerAt(local);
  History& history = histories_[local];
  const std::optional<bool> ok_before = history.last_ok;
  const auto now = std::chrono::system_clock::now();
  Update(history, report, now);
  board_.Publish(servers_[local], RenderBlock({server, *settings_, history, &report, now}));
  instruments_.CountReport(report);
  LogStateChange(server, history, report, ok_before);
  --in_flight_;
  instruments_.AddInFlight(-1);
  schedule_.Finished(local, report.federation_ok, std::chrono::steady_clock::now());
  StartProbes();
  WaitForDue();
}

void ProbeLoop::LogStateChange(const Homeserver& server, const History& history,
                               const Report& report, std::optional<bool> ok_before) {
  if (ok_before == report.federation_ok) return;
  Logger::Fields fields{{"server_name", server.server_name}};
  if (report.federation_ok) {
    logger_.Info(ok_before ? "federation works again" : "federation works", fields);
    return;
  }
  fields.emplace_back("check", std::string(report.root_cause->check->name));
  fields.emplace_back("reason", std::string(report.root_cause->reason));
  fields.emplace_back("detail", report.root_cause->detail);
  if (history.last_success) fields.emplace_back("probes", std::to_string(history.probes));
  logger_.Log(LogLevel::kWarn, "federation does not work", fields);
}

}  // namespace exporter
