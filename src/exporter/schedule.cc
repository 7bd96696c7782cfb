#include "exporter/schedule.h"

#include <algorithm>

namespace exporter {
namespace {

// FNV-1a with a final mix: neighbouring names ("hs1", "hs2") land far apart.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  return hash;
}

// A fraction of `whole` that depends on the hash only.
Schedule::Duration Phase(std::uint64_t hash, Schedule::Duration whole) {
  if (whole.count() <= 0) return Schedule::Duration::zero();
  return Schedule::Duration(
      static_cast<Schedule::Duration::rep>(hash % static_cast<std::uint64_t>(whole.count())));
}

}  // namespace

std::size_t Schedule::Add(std::string_view server_name, Duration interval,
                          Duration failure_interval) {
  servers_.push_back({Hash(server_name), interval, failure_interval, start_});
  return servers_.size() - 1;
}

void Schedule::Begin() {
  const Duration first_round = kFirstRoundPace * static_cast<Duration::rep>(servers_.size());
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    Set(i, start_ + Phase(servers_[i].hash, std::min(first_round, servers_[i].interval)));
  }
}

std::vector<Schedule::Due> Schedule::TakeDue(Time now) {
  std::vector<Due> due;
  while (!queue_.empty() && queue_.top().due <= now) {
    const Due next = queue_.top();
    queue_.pop();
    Server& server = servers_[next.server];
    if (server.due != next.due) continue;
    if (server.running) {
      ++skipped_;
    } else {
      server.running = true;
      due.push_back(next);
    }
    Set(next.server, NextRegular(server, now));
  }
  return due;
}

void Schedule::Finished(std::size_t number, bool ok, Time now) {
  Server& server = servers_[number];
  server.running = false;
  const Time soon = now + server.failure_interval;
  if (!ok && soon < server.due) Set(number, soon);
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

// The first time of the server's own grid (its phase plus whole intervals) that leaves at least
// half an interval.
Schedule::Time Schedule::NextRegular(const Server& server, Time after) const {
  const Time first = start_ + Phase(server.hash, server.interval);
  const Time earliest = after + server.interval / 2;
  if (earliest <= first) return first;
  const auto intervals = (earliest - first + server.interval - Duration(1)) / server.interval;
  return first + intervals * server.interval;
}

}  // namespace exporter
