#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/board.h"
#include "exporter/config_file.h"
#include "exporter/file_watch.h"
#include "exporter/instruments.h"
#include "exporter/logger.h"
#include "exporter/network_stack.h"
#include "exporter/probe_loop.h"
#include "exporter/roster.h"
#include "exporter/shard.h"
#include "exporter/state_record.h"

namespace exporter {

/// Logs its warnings.
void WarnOf(const LoadedConfiguration& loaded, Logger& logger);

/// How many probes may be under way at once in one of `loops` loops, so that together they keep to
/// `in_flight_max`; but one at least in each.
std::size_t InFlightOf(std::size_t loop, std::size_t loops, std::size_t in_flight_max);

/// Puts a configuration into force, the first one and, while the daemon runs, changed ones. A
/// reload is prepared whole on a thread of its own (reading, parsing, finding the differences,
/// setting up the network: seconds for a large file), so that neither a scrape nor a probe waits.
/// Then, on the main thread and between two scrapes, board and metrics change to the new
/// configuration, and each loop gets its orders. What is wrong changes nothing.
///
/// Requests come one at a time: those that come while a reload is under way lead to one more.
class Reloader {
 public:
  /// `main` is the executor of the thread that calls everything here and that renders scrapes. The
  /// others must outlive the reloader, and `board` is its to change.
  Reloader(boost::asio::any_io_executor main, std::string file, Board& board,
           Instruments& instruments, Logger& logger);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Which part of the homeservers is watched here. Set before Begin.
  void set_shard(Shard shard) { shard_ = shard; }

  /// Called when a reload begins (true) and when its configuration is in force or refused (false).
  /// Set before the first request.
  void set_observer(std::function<void(bool reloading)> observer) {
    observer_ = std::move(observer);
  }

  /// Puts the first configuration into force, before the loops run; its homeservers go on from what
  /// `records` has of them. false, with a sentence in `error`, when its network cannot be set up.
  bool Begin(LoadedConfiguration loaded, std::vector<ProbeLoop*> loops, StateRecords records,
             std::string& error);

  /// Told of the end of a reload: there is no mistake when its configuration is in force.
  using Done = std::function<void(const std::vector<std::string>& mistakes)>;

  /// Reads the file anew; `cause` is for the log. Callable for any reason and at any pace. `done`
  /// is called at the end of the reload that began after this request.
  void Request(std::string_view cause, Done done = nullptr);

  /// From now on looks at the files every few seconds, and reloads when they have changed.
  void Watch();

  /// Those in force; their list of homeservers is empty, the board has it. After Begin.
  [[nodiscard]] std::shared_ptr<const Settings> settings() const { return settings_; }

  /// Waits for the thread; a reload under way has no effect any more. After the loops have ended.
  void Stop();

 private:
  // One reload. It is the preparing thread's until Apply, then each loop has its orders, then the
  // preparing thread destroys what is left.
  struct Round {
    LoadedConfiguration loaded;
    std::vector<Orders> orders;  // of each loop
    RosterChange change;
    OtherShards others;
    std::vector<Row> old_rows;
    std::size_t homeservers = 0;
    std::size_t unfinished = 0;  // loops that do not follow yet
    std::vector<Done> done;
  };

  void Start();
  void Load();
  void FollowFiles();
  [[nodiscard]] std::uint64_t Look() const;
  void LookAgain();
  void KeepOwn(std::vector<Homeserver>& homeservers) const;
  void Observe(bool reloading) const;
  bool Prepare(std::string& error);
  bool SetUpNetworks(const Settings& settings, std::string& error);
  void Refuse();
  void Apply();
  void GiveOrders();
  void Finish();
  void KeepThreads();

  boost::asio::any_io_executor main_;
  std::string file_;
  Board& board_;
  Instruments& instruments_;
  Logger& logger_;
  std::vector<ProbeLoop*> loops_;
  Shard shard_;
  std::shared_ptr<const Settings> settings_;
  std::function<void(bool)> observer_;
  boost::asio::steady_timer look_timer_;

  // The preparing thread's, but for Begin.
  std::unique_ptr<Roster> roster_;
  std::optional<NetworkIngredients> ingredients_;
  FurtherFiles further_files_;  // that are looked at beside the main file
  FileWatch watch_;

  std::unique_ptr<Round> round_;  // the reload under way
  bool again_ = false;            // a request came meanwhile
  std::vector<Done> waiting_;     // for the reload that begins next
  boost::asio::thread_pool thread_{1};
};

}  // namespace exporter
