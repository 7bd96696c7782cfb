#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
#include <vector>

namespace exporter {

/// Who is due, and when next. Pure: time is handed in, and instead of chance a hash of the server
/// name spreads the starts, so that every run of the program treats a server alike. Probe thread.
class Schedule {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  struct Due {
    std::size_t server;  // the number that Add returned
    Time due;            // when it should have started
  };

  /// The first round starts at `start`, spread over at most the server's interval and at least
  /// kFirstRoundPace for each server that was added.
  explicit Schedule(Time start) : start_(start) {}

  /// At a server's start within the first round: 500 a second is what one probe loop carries.
  static constexpr Duration kFirstRoundPace = std::chrono::milliseconds(2);

  /// Before Begin(). Returns the server's number: 0, 1, 2, …
  std::size_t Add(std::string_view server_name, Duration interval, Duration failure_interval);

  /// Fixes the first round. Once, after the last Add.
  void Begin();

  /// The servers that are due at `now`, the longest overdue first; each gets its next time. One
  /// that is still being probed is skipped and counted.
  std::vector<Due> TakeDue(Time now);

  /// A probe has ended. After a failure the next one comes sooner.
  void Finished(std::size_t server, bool ok, Time now);

  /// The next time at which TakeDue may yield something; nullopt without servers.
  [[nodiscard]] std::optional<Time> Next();

  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
  [[nodiscard]] std::size_t size() const { return servers_.size(); }

 private:
  struct Server {
    std::uint64_t hash;
    Duration interval;
    Duration failure_interval;
    Time due;
    bool running = false;
  };
  struct Later {
    bool operator()(const Due& a, const Due& b) const { return a.due > b.due; }
  };

  void Set(std::size_t server, Time due);
  [[nodiscard]] Time NextRegular(const Server& server, Time after) const;

  Time start_;
  std::vector<Server> servers_;
  // May hold entries that a later Set has outdated; they differ from the server's `due`.
  std::priority_queue<Due, std::vector<Due>, Later> queue_;
  std::uint64_t skipped_ = 0;
};

}  // namespace exporter
