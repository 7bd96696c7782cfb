#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "exporter/history.h"
#include "exporter/instruments.h"
#include "exporter/logger.h"
#include "exporter/network_stack.h"
#include "exporter/roster.h"
#include "exporter/schedule.h"
#include "exporter/settings.h"

namespace exporter {

/// What a probe loop is to do from now on.
struct Orders {
  std::shared_ptr<const Settings> settings;  // those of all homeservers; its list is not looked at
  std::unique_ptr<NetworkStack> network;     // nullptr: the present one stays
  std::size_t in_flight_max = 1;
  LoopChange change;
};

/// The homeservers of a loop by their numbers; nullptr: the number is free.
using Targets = std::vector<std::shared_ptr<Target>>;

/// One event loop that probes its share of the homeservers on schedule and publishes the results in
/// their slots. Everything in it happens on the thread that calls Run.
class ProbeLoop {
 public:
  /// `instruments` and `logger` must outlive the loop. It has nothing to do before its first Adopt.
  ProbeLoop(Instruments& instruments, Logger& logger);
  ~ProbeLoop();
  ProbeLoop(const ProbeLoop&) = delete;
  ProbeLoop& operator=(const ProbeLoop&) = delete;

  /// Probes until Stop. Blocks.
  void Run();

  /// Ends Run at once; probes under way are abandoned. Any thread.
  void Stop();

  /// Has the loop follow `orders`, and call `done` on its thread when it does. The first ones hold
  /// a network. Probes under way go on as they began; the results of servers that were removed are
  /// dropped. What the loop needs no longer is in `orders` afterwards, for the caller to destroy
  /// where nobody waits for it. `orders` must live until then, or until Run has ended. Any thread.
  void Adopt(Orders& orders, std::function<void()> done);

  /// Has a server be probed as soon as there is room, unless it is being probed already. Nothing
  /// happens when the number is another's by then. Any thread.
  void ProbeNow(std::size_t number, std::string server_name);

  /// Calls `look` on the loop's thread, to read what the targets hold. Any thread.
  void Show(std::function<void(const Targets& targets)> look);

  /// The same for whom the loop has ended, or not begun.
  [[nodiscard]] const Targets& targets() const { return targets_; }

  /// Whether the first orders are followed. As targets().
  [[nodiscard]] bool has_orders() const { return settings_ != nullptr; }

  /// Whether the loop has shown a sign of life within this time; it shows one a second. Any thread.
  [[nodiscard]] bool IsAlive(std::chrono::steady_clock::duration within) const;

  /// What a NetworkStack of this loop runs on.
  [[nodiscard]] boost::asio::any_io_executor executor() { return io_.get_executor(); }

 private:
  // A network and the probes that began with it.
  struct Network {
    std::unique_ptr<NetworkStack> stack;
    std::size_t probes = 0;
  };

  void Follow(Orders& orders);
  void Remove(LoopChange& change);
  void Add(const std::shared_ptr<Target>& target);
  void WaitForDue();
  void TakeDue();
  void StartProbes();
  void TellDue(const Target& target) const;
  void Heartbeat();
  boost::asio::awaitable<void> Probe(std::shared_ptr<Target> target, Network& network);
  void Finish(Target& target, const matrix_federation::Report& report);
  void Note(Target& target, const matrix_federation::Report& report);
  void DropUnusedNetworks();
  void LogStateChange(const Homeserver& server, const History& history,
                      const matrix_federation::Report& report, std::optional<bool> ok_before);

  Instruments& instruments_;
  Logger& logger_;

  // Destroyed last: coroutines that were under way die with it, after the clients have let go.
  boost::asio::io_context io_{1};
  boost::asio::steady_timer due_timer_{io_};
  boost::asio::steady_timer heartbeat_timer_{io_};
  std::list<Network> networks_;  // the last one is for new probes
  std::shared_ptr<const Settings> settings_;
  std::size_t in_flight_max_ = 0;
  Schedule schedule_;
  std::optional<Schedule::Time> armed_for_;  // when due_timer_ fires, if it is armed
  Targets targets_;
  std::deque<Schedule::Due> waiting_;
  std::size_t in_flight_ = 0;
  std::uint64_t skipped_reported_ = 0;
  std::atomic<std::chrono::steady_clock::rep> last_sign_of_life_;
};

}  // namespace exporter
