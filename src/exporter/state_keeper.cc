#include "exporter/state_keeper.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <future>
#include <memory>
#include <system_error>
#include <unordered_set>

namespace exporter {
namespace {

using matrix_federation::SystemTime;
using Portion = StateKeeper::Portion;

// So many that a probe loop is held up for less than a millisecond.
constexpr std::size_t kPortion = 64;
// And not much more than this: reports of hostile homeservers are long.
constexpr std::size_t kPortionBytes = std::size_t{4} * 1024 * 1024;
static_assert(kPortionBytes + kRecordMax < kFrameMax / 2);

std::string ErrorText(int error) { return std::generic_category().message(error); }

void Append(const Target& target, Portion& portion) {
  const SnapshotPointer snapshot = target.slot->TakeSnapshot();
  const std::string& name = target.server->server_name;
  const bool fits = AppendRecord(
      name, target.history, *target.slot->Take(), snapshot ? &snapshot->summary : nullptr,
      snapshot ? Unpack(snapshot->packed_details) : Details(), portion.records);
  if (!fits) portion.too_large.push_back(name);
}

Portion Collect(const Targets& targets, std::size_t first) {
  Portion portion;
  const std::size_t end = std::min(targets.size(), first + kPortion);
  portion.next = first;
  while (portion.next < end && portion.records.size() < kPortionBytes) {
    const auto& target = targets[portion.next++];
    if (!target || target->history.probes == 0) continue;
    Append(*target, portion);
  }
  portion.last = portion.next >= targets.size();
  return portion;
}

// The same on the loop's thread, while this one waits.
Portion CollectFrom(ProbeLoop& loop, std::size_t first) {
  const auto promise = std::make_shared<std::promise<Portion>>();
  auto portion = promise->get_future();
  loop.Show(
      [promise, first](const Targets& targets) { promise->set_value(Collect(targets, first)); });
  return portion.get();
}

}  // namespace

StateKeeper::StateKeeper(std::string file, Instruments& instruments, Logger& logger)
    : file_(std::move(file)), instruments_(instruments), logger_(logger) {
  instruments_.CountStateFileFailures(0);
}

StateKeeper::~StateKeeper() {
  Stop();
  if (lock_ >= 0) close(lock_);
}

bool StateKeeper::Claim(std::string& error) {
  struct stat status{};
  if (stat(file_.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    error = "--state.file: " + file_ + " is not a regular file; in a directory, name a file";
    return false;
  }
  switch (Lock(error)) {
    case LockResult::kTaken: return false;
    case LockResult::kImpossible: Fail(error); break;
    case LockResult::kOurs: break;
  }
  return true;
}

// On a file beside it: the state file itself is another one after each writing.
StateKeeper::LockResult StateKeeper::Lock(std::string& error) {
  if (lock_ >= 0) return LockResult::kOurs;
  const std::string file = file_ + ".lock";
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (descriptor < 0) {
    error = file + " cannot be opened: " + ErrorText(errno);
    return LockResult::kImpossible;
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    lock_ = descriptor;
    return LockResult::kOurs;
  }
  const int reason = errno;
  close(descriptor);
  if (reason == EWOULDBLOCK) {
    error = "another matrix-federation-exporter uses the state file " + file_ +
            "; each needs a file of its own (--state.file)";
    return LockResult::kTaken;
  }
  error = file + " cannot be locked: " + ErrorText(reason);
  return LockResult::kImpossible;
}

StateRecords StateKeeper::Load(const std::vector<Homeserver>& homeservers, SystemTime now) {
  std::unordered_set<std::string_view> names;
  for (const Homeserver& server : homeservers) names.insert(server.server_name);
  auto state = ReadStateFile(file_, [&](const std::string& name) { return names.contains(name); });
  switch (state.outcome) {
    case StoredState::Outcome::kDamaged: SetAside(file_ + ".damaged", state.problem); return {};
    case StoredState::Outcome::kNewer:
      SetAside(file_ + ".newer-version-" + std::to_string(state.version),
               "a newer program has written it");
      return {};
    case StoredState::Outcome::kAbsent:
      logger_.Info("no state file yet, starting without one", {{"file", file_}});
      return {};
    case StoredState::Outcome::kRead: break;
  }
  instruments_.SetStateFileWritten(std::min(state.written_at, now));
  const auto early = std::count_if(state.records.begin(), state.records.end(), [&](auto& record) {
    return ForgetTheFuture(record.second.history, now);
  });
  logger_.Info("results of the last run are back",
               {{"file", file_}, {"homeservers", std::to_string(state.records.size())}});
  if (state.wrong_records > 0) {
    logger_.Log(LogLevel::kWarn, "records of the state file contradict themselves and are left out",
                {{"homeservers", std::to_string(state.wrong_records)}});
  }
  if (early > 0) {
    logger_.Log(LogLevel::kWarn, "the clock was set back; results from the future count as of now",
                {{"homeservers", std::to_string(early)}});
  }
  return std::move(state.records);
}

void StateKeeper::SetAside(const std::string& name, const std::string& problem) {
  const bool moved = rename(file_.c_str(), name.c_str()) == 0;
  const int reason = errno;
  logger_.Error(moved ? "the state file is set aside, starting without one"
                      : "the state file is of no use and cannot be set aside, starting without one",
                {{"file", file_}, {"problem", problem}, {"as", moved ? name : ErrorText(reason)}});
}

void StateKeeper::Start(std::vector<ProbeLoop*> loops, std::chrono::milliseconds interval) {
  loops_ = std::move(loops);
  thread_ = std::thread([this, interval] {
    pthread_setname_np(pthread_self(), "state");
    Run(interval);
  });
}

void StateKeeper::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_requested_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StateKeeper::Run(std::chrono::milliseconds interval) {
  std::unique_lock lock(mutex_);
  while (!stop_requested_.wait_for(lock, interval, [this] { return stopping_; })) {
    lock.unlock();
    WriteFromLoops();
    lock.lock();
  }
}

void StateKeeper::WriteFromLoops() {
  Write([this](ProbeLoop& loop, std::size_t first) -> std::optional<Portion> {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return std::nullopt;
    }
    return CollectFrom(loop, first);
  });
}

void StateKeeper::WriteLast() {
  Write([](ProbeLoop& loop, std::size_t first) -> std::optional<Portion> {
    // Ended before it began: the file knows more than the loop.
    if (!loop.has_orders()) return std::nullopt;
    return Collect(loop.targets(), first);
  });
}

void StateKeeper::Write(const Collector& collect) {
  std::string error;
  if (Lock(error) != LockResult::kOurs) return Fail(error);
  const SystemTime now = std::chrono::system_clock::now();
  StateFileWriter writer(file_, now);
  std::vector<std::string> too_large;
  for (ProbeLoop* loop : loops_) {
    bool last = false;
    for (std::size_t first = 0; !last && writer.error().empty();) {
      const auto portion = collect(*loop, first);
      if (!portion) return;
      writer.Append(portion->records);
      too_large.insert(too_large.end(), portion->too_large.begin(), portion->too_large.end());
      first = portion->next;
      last = portion->last;
    }
  }
  if (!writer.Commit()) return Fail(writer.error());
  instruments_.SetStateFileWritten(now);
  if (failing_) logger_.Info("the state file is written again", {{"file", file_}});
  failing_ = false;
  NoteTooLarge(std::move(too_large));
}

// Once for each homeserver, and not with every writing.
void StateKeeper::NoteTooLarge(std::vector<std::string> names) {
  for (const std::string& name : names) {
    if (std::find(too_large_.begin(), too_large_.end(), name) != too_large_.end()) continue;
    logger_.Log(LogLevel::kWarn,
                "what is known of a homeserver is too large for the state file; after a restart it "
                "begins anew",
                {{"server_name", name}});
  }
  too_large_ = std::move(names);
}

void StateKeeper::Fail(const std::string& error) {
  instruments_.CountStateFileFailures(1);
  if (failing_) return;
  failing_ = true;
  logger_.Error("the state file cannot be written; results would not survive a restart",
                {{"problem", error}});
}

}  // namespace exporter
