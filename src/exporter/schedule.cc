#include "exporter/schedule.h"

#include <algorithm>

#include "exporter/name_hash.h"

namespace exporter {
namespace {

// Below this many, outdated entries are not worth the work.
constexpr std::size_t kOutdatedMin = 1024;

// A fraction of `whole` that depends on the hash only.
Schedule::Duration Phase(std::uint64_t hash, Schedule::Duration whole) {
  if (whole.count() <= 0) return Schedule::Duration::zero();
  return Schedule::Duration(
      static_cast<Schedule::Duration::rep>(hash % static_cast<std::uint64_t>(whole.count())));
}

}  // namespace

void Schedule::Add(std::size_t number, std::string_view server_name, Duration interval,
                   Duration failure_interval) {
  if (number >= servers_.size()) servers_.resize(number + 1);
  Server& server = servers_[number];
  server = {};
  server.hash = NameHash(server_name);
  server.interval = interval;
  server.failure_interval = failure_interval;
  added_.push_back(number);
}

void Schedule::Resume(std::size_t number, Time ended, bool ok) {
  Server& server = servers_[number];
  if (!ok) server.failed_at = ended;
  server.due = ended + (ok ? server.interval : server.failure_interval);
}

void Schedule::Begin(Time now) {
  std::erase_if(added_, [&](std::size_t number) {
    const Time due = servers_[number].due;
    if (due <= now || due == kNever) return false;
    Set(number, due);
    return true;
  });
  const Duration first_round = kFirstRoundPace * static_cast<Duration::rep>(added_.size());
  for (const std::size_t number : added_) {
    const Server& server = servers_[number];
    Set(number, now + Phase(server.hash, std::min(first_round, server.interval)));
  }
  added_.clear();
  ForgetOutdated();
}

void Schedule::Remove(std::size_t number) { servers_[number] = {}; }

void Schedule::Change(std::size_t number, Duration interval, Duration failure_interval, Time now) {
  Server& server = servers_[number];
  if (server.interval == interval && server.failure_interval == failure_interval) return;
  server.interval = interval;
  server.failure_interval = failure_interval;
  Time due = FirstRegular(server, now);
  if (server.failed_at) due = std::min(due, std::max(now, *server.failed_at + failure_interval));
  if (due < server.due) Set(number, due);
}

std::vector<Schedule::Due> Schedule::TakeDue(Time now) {
  std::vector<Due> due;
  while (!queue_.empty() && queue_.top().due <= now) {
    const Due next = queue_.top();
    queue_.pop();
    Server& server = servers_[next.server];
    if (server.due != next.due) continue;
    if (server.stage == Stage::kRunning) {
      ++skipped_;
    } else if (server.stage == Stage::kIdle) {
      server.stage = Stage::kWaiting;
      server.failed_at.reset();
      due.push_back(next);
    }
    // At least half an interval from now, however late this start is.
    Set(next.server, FirstRegular(server, now + server.interval / 2));
  }
  ForgetOutdated();
  return due;
}

void Schedule::Started(std::size_t number) { servers_[number].stage = Stage::kRunning; }

void Schedule::Finished(std::size_t number, bool ok, Time now) {
  Server& server = servers_[number];
  server.stage = Stage::kIdle;
  if (ok) return;
  server.failed_at = now;
  const Time soon = now + server.failure_interval;
  if (soon < server.due) Set(number, soon);
}

void Schedule::Hasten(std::size_t number, Time now) {
  const Server& server = servers_[number];
  if (server.stage == Stage::kIdle && server.due > now) Set(number, now);
}

std::optional<Schedule::Time> Schedule::DueOf(std::size_t number) const {
  const Time due = servers_[number].due;
  return due == kNever ? std::nullopt : std::optional(due);
}

std::optional<Schedule::Time> Schedule::Next() {
  while (!queue_.empty() && servers_[queue_.top().server].due != queue_.top().due) queue_.pop();
  if (queue_.empty()) return std::nullopt;
  return queue_.top().due;
}

void Schedule::Set(std::size_t number, Time due) {
  servers_[number].due = due;
  queue_.push({number, due});
}

// Servers that come and go, or fail, faster than their times pass would leave more and more behind.
void Schedule::ForgetOutdated() {
  if (queue_.size() <= 2 * servers_.size() + kOutdatedMin) return;
  std::vector<Due> current;
  for (std::size_t number = 0; number < servers_.size(); ++number) {
    if (servers_[number].due != kNever) current.push_back({number, servers_[number].due});
  }
  queue_ = decltype(queue_)(Later(), std::move(current));
}

// The first time, not before `from`, of the server's own grid: its phase plus whole intervals.
Schedule::Time Schedule::FirstRegular(const Server& server, Time from) const {
  const Time first = start_ + Phase(server.hash, server.interval);
  if (from <= first) return first;
  const auto intervals = (from - first + server.interval - Duration(1)) / server.interval;
  return first + intervals * server.interval;
}

}  // namespace exporter
