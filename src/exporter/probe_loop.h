#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "exporter/board.h"
#include "exporter/history.h"
#include "exporter/instruments.h"
#include "exporter/logger.h"
#include "exporter/network_stack.h"
#include "exporter/schedule.h"
#include "exporter/settings.h"

namespace exporter {

/// One event loop that probes its share of the homeservers on schedule and publishes the results on
/// the board. Everything in it happens on the thread that calls Run.
class ProbeLoop {
 public:
  /// `servers` are indices into settings->homeservers and slots of the board. `board`,
  /// `instruments` and `logger` must outlive the loop. nullptr, with a sentence in `error`, when
  /// the settings cannot be put into effect.
  static std::unique_ptr<ProbeLoop> Create(std::shared_ptr<const Settings> settings,
                                           std::vector<std::size_t> servers,
                                           std::size_t in_flight_max, Board& board,
                                           Instruments& instruments, Logger& logger,
                                           std::string& error);
  ~ProbeLoop();
  ProbeLoop(const ProbeLoop&) = delete;
  ProbeLoop& operator=(const ProbeLoop&) = delete;

  /// Probes until Stop. Blocks.
  void Run();

  /// Ends Run at once; probes under way are abandoned. Any thread.
  void Stop();

  /// Whether the loop has shown a sign of life within the last half minute. Any thread.
  [[nodiscard]] bool IsAlive() const;

 private:
  ProbeLoop(std::shared_ptr<const Settings> settings, std::vector<std::size_t> servers,
            std::size_t in_flight_max, Board& board, Instruments& instruments, Logger& logger);

  void Begin();
  void WaitForDue();
  void TakeDue();
  void StartProbes();
  void Heartbeat();
  boost::asio::awaitable<void> Probe(std::size_t local);
  void Finish(std::size_t local, const matrix_federation::Report& report);
  void LogStateChange(const Homeserver& server, const History& history,
                      const matrix_federation::Report& report, std::optional<bool> ok_before);
  [[nodiscard]] const Homeserver& ServerAt(std::size_t local) const {
    return settings_->homeservers[servers_[local]];
  }

  std::shared_ptr<const Settings> settings_;
  std::vector<std::size_t> servers_;  // the loop's own number to the number of the settings
  std::size_t in_flight_max_;
  Board& board_;
  Instruments& instruments_;
  Logger& logger_;

  // Destroyed last: coroutines that were under way die with it, after the clients have let go.
  boost::asio::io_context io_{1};
  boost::asio::steady_timer due_timer_{io_};
  boost::asio::steady_timer heartbeat_timer_{io_};
  std::unique_ptr<NetworkStack> network_;
  Schedule schedule_;
  std::optional<Schedule::Time> armed_for_;  // when due_timer_ fires, if it is armed
  std::vector<History> histories_;
  std::deque<Schedule::Due> waiting_;
  std::size_t in_flight_ = 0;
  std::uint64_t skipped_reported_ = 0;
  std::atomic<std::chrono::steady_clock::rep> last_sign_of_life_;
};

}  // namespace exporter
