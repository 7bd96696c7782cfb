#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
#include <vector>

namespace exporter {

/// Who is due, and when next. Pure: time is handed in, and instead of chance a hash of the server
/// name spreads the starts, so that every run of the program treats a server alike. Servers have
/// numbers, which the caller hands out: small ones, since they are places in a list, and free again
/// after Remove. Probe thread.
class Schedule {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  struct Due {
    std::size_t server;  // its number
    Time due;            // when it should have started
  };

  /// `start` is where the grid begins on which each server has its regular times.
  explicit Schedule(Time start) : start_(start) {}

  /// A first round is spread over so much for each server that was added, or the server's interval
  /// if that is less. It is no brake: 10,000 a second are more than a probe loop carries, and what
  /// bounds the round is how many probes may be under way. It shuffles the servers, so that
  /// neighbours in the configuration, who often share a host, are not asked at the same moment.
  static constexpr Duration kFirstRoundPace = std::chrono::microseconds(100);

  /// A new server under a free number. It is not due before Begin.
  void Add(std::size_t server, std::string_view server_name, Duration interval,
           Duration failure_interval);

  /// Of a server that was added just now: its last probe ended then, in an earlier run. It is due
  /// when it would have been, unless that is over.
  void Resume(std::size_t server, Time ended, bool ok);

  /// Starts the first round, at `now`, of those added since the last call, save those that are due
  /// later by Resume.
  void Begin(Time now);

  /// Forgets a server. A probe of it that is under way has no end as far as the schedule goes.
  void Remove(std::size_t server);

  /// Other intervals for a server: it is due at the first regular time of the new ones, or as long
  /// after a failure as they say, but never later than it already was.
  void Change(std::size_t server, Duration interval, Duration failure_interval, Time now);

  /// The servers that are due at `now`, the longest overdue first; each gets its next time, and
  /// waits to be started. One that still waits or is still being probed is skipped; the latter is
  /// counted.
  std::vector<Due> TakeDue(Time now);

  /// The probe of one that waits has started.
  void Started(std::size_t server);

  /// A probe has ended. After a failure the next one comes sooner.
  void Finished(std::size_t server, bool ok, Time now);

  /// Has the server be due now. One that is being probed is left alone.
  void Hasten(std::size_t server, Time now);

  /// When the server is due; nullopt before its Begin.
  [[nodiscard]] std::optional<Time> DueOf(std::size_t server) const;

  /// The next time at which TakeDue may yield something; nullopt without servers.
  [[nodiscard]] std::optional<Time> Next();

  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

  /// How many times it holds, with those that are outdated.
  [[nodiscard]] std::size_t size() const { return queue_.size(); }

 private:
  static constexpr Time kNever = Time::max();

  enum class Stage : std::uint8_t { kIdle, kWaiting, kRunning };

  struct Server {
    std::uint64_t hash = 0;
    Duration interval{};
    Duration failure_interval{};
    Time due = kNever;  // also of a number that is free
    std::optional<Time> failed_at;
    Stage stage = Stage::kIdle;
  };
  struct Later {
    bool operator()(const Due& a, const Due& b) const { return a.due > b.due; }
  };

  void Set(std::size_t server, Time due);
  void ForgetOutdated();
  [[nodiscard]] Time FirstRegular(const Server& server, Time from) const;

  Time start_;
  std::vector<Server> servers_;
  std::vector<std::size_t> added_;  // since the last Begin
  // May hold entries that a later Set has outdated; they differ from the server's `due`.
  std::priority_queue<Due, std::vector<Due>, Later> queue_;
  std::uint64_t skipped_ = 0;
};

}  // namespace exporter
