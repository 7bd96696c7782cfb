#include "exporter/probe_loop.h"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "exporter/duration.h"

namespace exporter {
namespace {

namespace asio = boost::asio;
using matrix_federation::Report;

// Due times that lie closer together than this are served by one wake-up.
constexpr auto kCoalesce = std::chrono::milliseconds(10);
constexpr auto kHeartbeat = std::chrono::seconds(1);

// Only a lack of memory gets here. A restart is better than a loop that has lost a probe's place.
void EndTheProgram(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

ProbeLoop::ProbeLoop(Instruments& instruments, Logger& logger)
    : instruments_(instruments),
      logger_(logger),
      schedule_(std::chrono::steady_clock::now()),
      last_sign_of_life_(std::chrono::steady_clock::now().time_since_epoch().count()) {}

ProbeLoop::~ProbeLoop() = default;

void ProbeLoop::Run() {
  pthread_setname_np(pthread_self(), "probe");
  // Behind the first orders.
  asio::post(io_, [this] { Heartbeat(); });
  io_.run();
}

void ProbeLoop::Stop() { io_.stop(); }

void ProbeLoop::Adopt(Orders& orders, std::function<void()> done) {
  asio::post(io_, [this, &orders, done = std::move(done)] {
    Follow(orders);
    done();
  });
}

void ProbeLoop::Show(std::function<void(const Targets&)> look) {
  asio::post(io_, [this, look = std::move(look)] { look(targets_); });
}

void ProbeLoop::ProbeNow(std::size_t number, std::string server_name) {
  asio::post(io_, [this, number, server_name = std::move(server_name)] {
    if (number >= targets_.size() || !targets_[number]) return;
    if (targets_[number]->server->server_name != server_name) return;
    schedule_.Hasten(number, std::chrono::steady_clock::now());
    WaitForDue();
  });
}

// On the clock that people read.
void ProbeLoop::TellDue(const Target& target) const {
  const auto due = schedule_.DueOf(target.number);
  if (!due) return;
  const auto left = *due - std::chrono::steady_clock::now();
  target.slot->set_next_due(std::chrono::system_clock::now() + left);
}

void ProbeLoop::Follow(Orders& orders) {
  const auto now = std::chrono::steady_clock::now();
  settings_.swap(orders.settings);
  in_flight_max_ = orders.in_flight_max;
  if (orders.network) {
    networks_.push_back({std::move(orders.network)});
    DropUnusedNetworks();
  }
  LoopChange& change = orders.change;
  Remove(change);
  for (LoopChange::Changed& changed : change.changed) {
    targets_[changed.number]->server.swap(changed.server);
    const ProbeSettings& probe = targets_[changed.number]->server->probe;
    schedule_.Change(changed.number, probe.interval, probe.failure_interval, now);
    TellDue(*targets_[changed.number]);
  }
  for (const auto& target : change.added) Add(target);
  schedule_.Begin(now);
  for (const auto& target : change.added) TellDue(*target);
  StartProbes();
  WaitForDue();
}

void ProbeLoop::Remove(LoopChange& change) {
  for (const std::size_t number : change.removed) {
    schedule_.Remove(number);
    change.left_over.push_back(std::move(targets_[number]));
  }
  if (change.removed.empty()) return;
  const auto removed = std::erase_if(
      waiting_, [this](const Schedule::Due& due) { return targets_[due.server] == nullptr; });
  instruments_.AddQueueLength(-static_cast<int>(removed));
}

void ProbeLoop::Add(const std::shared_ptr<Target>& target) {
  if (target->number >= targets_.size()) targets_.resize(target->number + 1);
  targets_[target->number] = target;
  const ProbeSettings& probe = target->server->probe;
  schedule_.Add(target->number, target->server->server_name, probe.interval,
                probe.failure_interval);
  const History& history = target->history;
  if (!history.last_finished) return;
  const auto age = std::chrono::system_clock::now() - *history.last_finished;
  schedule_.Resume(target->number, std::chrono::steady_clock::now() - age, *history.last_ok);
}

bool ProbeLoop::IsAlive(std::chrono::steady_clock::duration within) const {
  const std::chrono::steady_clock::time_point last{
      std::chrono::steady_clock::duration(last_sign_of_life_.load())};
  return std::chrono::steady_clock::now() - last < within;
}

void ProbeLoop::Heartbeat() {
  last_sign_of_life_ = std::chrono::steady_clock::now().time_since_epoch().count();
  instruments_.Tick(std::chrono::system_clock::now());
  for (const int version : {4, 6}) {
    instruments_.SetNetworkAvailable(version, networks_.back().stack->NetworkHas(version));
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
    schedule_.Started(next.server);
    ++in_flight_;
    instruments_.ProbeStarted();
    Network& network = networks_.back();
    ++network.probes;
    asio::co_spawn(io_, Probe(targets_[next.server], network), EndTheProgram);
  }
}

// The target and the network are those of the start, whatever a reload brings meanwhile.
asio::awaitable<void> ProbeLoop::Probe(std::shared_ptr<Target> target, Network& network) {
  // Not on the stack of whoever starts it: one that never waits would start the next from there.
  co_await asio::post(asio::use_awaitable);
  const auto options = network.stack->OptionsFor(*target->server);
  const Report report = matrix_federation::Judge(co_await matrix_federation::Observe(
      target->server->server_name, network.stack->world(), options, target->history.known_keys));
  --network.probes;
  DropUnusedNetworks();
  Finish(*target, report);
}

void ProbeLoop::Finish(Target& target, const Report& report) {
  // After a removal its number is free, or another one's.
  if (targets_[target.number].get() == &target) {
    Note(target, report);
    schedule_.Finished(target.number, report.federation_ok, std::chrono::steady_clock::now());
    TellDue(target);
  }
  --in_flight_;
  instruments_.ProbeFinished();
  StartProbes();
  WaitForDue();
}

void ProbeLoop::Note(Target& target, const Report& report) {
  const std::optional<bool> ok_before = target.history.last_ok;
  const auto now = std::chrono::system_clock::now();
  Update(target.history, report, now);
  Summary summary = Summarize(report);
  KeepCertificates(summary, target.history, target.server->probe.stale_after);
  target.slot->Publish(RenderBlock({*target.server, *settings_, target.history, &report, now}),
                       MakeSnapshot(std::move(summary), DetailsOf(report), target.history));
  instruments_.CountReport(report);
  LogStateChange(*target.server, target.history, report, ok_before);
}

void ProbeLoop::DropUnusedNetworks() {
  const Network* const present = &networks_.back();
  std::erase_if(networks_,
                [&](const Network& network) { return &network != present && network.probes == 0; });
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
  logger_.Log(LogLevel::kWarn,
              FailsOnlyExpectations(report) ? "federation works, but not as expected"
                                            : "federation does not work",
              fields);
}

}  // namespace exporter
