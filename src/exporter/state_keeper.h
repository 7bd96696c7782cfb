#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "exporter/instruments.h"
#include "exporter/logger.h"
#include "exporter/probe_loop.h"
#include "exporter/settings.h"
#include "exporter/state_file.h"

namespace exporter {

/// Carries results and histories over a restart: reads the state file at the start, writes it every
/// few minutes on a thread of its own and once more at the end. Whatever goes wrong with the file,
/// the daemon goes on, and says so once.
class StateKeeper {
 public:
  /// Records of consecutive targets of a loop.
  struct Portion {
    std::string records;
    std::vector<std::string> too_large;  // of these homeservers there is none
    std::size_t next = 0;                // the number behind them
    bool last = false;
  };

  static constexpr std::chrono::minutes kInterval{5};

  /// `instruments` and `logger` must outlive the keeper.
  StateKeeper(std::string file, Instruments& instruments, Logger& logger);
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  /// Makes sure that no other daemon uses the file, and that it is one. false, with a sentence in
  /// `error`, when it may not be used.
  bool Claim(std::string& error);

  /// What the file says of these homeservers, without what cannot be yet at `now`. A file that is
  /// no good is set aside.
  StateRecords Load(const std::vector<Homeserver>& homeservers, matrix_federation::SystemTime now);

  /// Writes every `interval` from now on. The loops must outlive Stop.
  void Start(std::vector<ProbeLoop*> loops, std::chrono::milliseconds interval = kInterval);

  /// Ends that, before the loops do.
  void Stop();

  /// Writes once more, what loops leave that have ended.
  void WriteLast();

 private:
  enum class LockResult : std::uint8_t { kOurs, kTaken, kImpossible };
  /// The portion from a number on; nullopt: the file is better left as it is.
  using Collector = std::function<std::optional<Portion>(ProbeLoop& loop, std::size_t first)>;

  LockResult Lock(std::string& error);
  void SetAside(const std::string& name, const std::string& problem);
  void Run(std::chrono::milliseconds interval);
  void WriteFromLoops();
  void Write(const Collector& collect);
  void NoteTooLarge(std::vector<std::string> names);
  void Fail(const std::string& error);

  const std::string file_;
  Instruments& instruments_;
  Logger& logger_;
  int lock_ = -1;                       // the lock file's descriptor
  bool failing_ = false;                // and the log says so
  std::vector<std::string> too_large_;  // likewise
  std::vector<ProbeLoop*> loops_;
  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace exporter
