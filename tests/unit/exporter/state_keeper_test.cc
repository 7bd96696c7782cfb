#include "exporter/state_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>
#include <functional>
#include <future>
#include <thread>

#include "unit/exporter/reports.h"
#include "unit/exporter/states.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::hours kNotInThisTest{1};

StoredState Read(const std::string& file) {
  return ReadStateFile(file, [](const std::string&) { return true; });
}

// Waits for what another thread brings about; false when it does not.
bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// A probe loop on a thread of its own, whose homeservers are not due within the test.
class RunningLoop {
 public:
  RunningLoop(Instruments& instruments, Logger& logger, std::size_t homeservers)
      : loop(instruments, logger) {
    auto settings = std::make_shared<Settings>();
    settings->dns.servers = {"127.0.0.1"};
    std::string error;
    orders_.network = NetworkStack::Create(loop.executor(), *settings, [](auto, auto) {}, error);
    EXPECT_TRUE(orders_.network) << error;
    orders_.settings = settings;
    for (std::size_t number = 0; number < homeservers; ++number) Add(number);
    std::promise<void> followed;
    loop.Adopt(orders_, [&] { followed.set_value(); });
    thread_ = std::thread([this] { loop.Run(); });
    followed.get_future().wait();
  }
  ~RunningLoop() { Stop(); }
  RunningLoop(const RunningLoop&) = delete;
  RunningLoop& operator=(const RunningLoop&) = delete;

  void Stop() {
    loop.Stop();
    if (thread_.joinable()) thread_.join();
  }

  ProbeLoop loop;

 private:
  void Add(std::size_t number) {
    auto server = std::make_shared<Homeserver>();
    server->server_name = "hs" + std::to_string(number) + ".test";
    server->probe.interval = kNotInThisTest;
    server->probe.failure_interval = kNotInThisTest;
    auto target =
        std::make_shared<Target>(Target{number, server, std::make_shared<ResultSlot>(), {}});
    StateRecord record = FullRecord(server->server_name);
    record.history.last_finished = std::chrono::system_clock::now();
    Restore(std::move(record), *target);
    orders_.change.added.push_back(std::move(target));
  }

  Orders orders_;
  std::thread thread_;
};

class StateKeeperTest : public testing::Test {
 protected:
  std::vector<std::string> Samples(const std::string& name) {
    return SamplesOf(instruments_.Render(), "matrix_federation_exporter_state_file_" + name);
  }

  // What a first run leaves of the homeservers hs0.test, hs1.test, …
  void Write(std::size_t homeservers) {
    RunningLoop running(instruments_, logger_, homeservers);
    StateKeeper keeper(file_, instruments_, logger_);
    keeper.Start({&running.loop}, kNotInThisTest);
    keeper.Stop();
    running.Stop();
    keeper.WriteLast();
  }

  StateRecords Load(const std::vector<Homeserver>& homeservers,
                    matrix_federation::SystemTime now = std::chrono::system_clock::now()) {
    return StateKeeper(file_, instruments_, logger_).Load(homeservers, now);
  }

  [[nodiscard]] bool Exists(const std::string& ending) const {
    return std::filesystem::exists(file_ + ending);
  }

  TemporaryDirectory directory_;
  const std::string file_ = directory_.File("state");
  Instruments instruments_;
  Logger logger_{LogLevel::kError, LogFormat::kLogfmt};
};

TEST_F(StateKeeperTest, WritesEveryHomeserverOfEveryLoopWhileTheyRun) {
  RunningLoop one(instruments_, logger_, 200);
  RunningLoop other(instruments_, logger_, 130);
  StateKeeper keeper(file_, instruments_, logger_);
  keeper.Start({&one.loop, &other.loop}, 1ms);
  EXPECT_TRUE(Eventually([&] { return Exists(""); }));
  keeper.Stop();
  // The same names in both.
  EXPECT_THAT(Read(file_).records, SizeIs(200));
}

TEST_F(StateKeeperTest, WritesAgainAndAgain) {
  RunningLoop running(instruments_, logger_, 3);
  StateKeeper keeper(file_, instruments_, logger_);
  keeper.Start({&running.loop}, 1ms);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Eventually([&] { return Exists(""); }));
    std::filesystem::remove(file_);
  }
}

TEST_F(StateKeeperTest, WritesOnceMoreAtTheEnd) {
  Write(100);
  EXPECT_THAT(Read(file_).records, SizeIs(100));
}

TEST_F(StateKeeperTest, LeavesTheFileOfALoopThatNeverBegan) {
  Write(2);
  ProbeLoop stillborn(instruments_, logger_);
  StateKeeper keeper(file_, instruments_, logger_);
  keeper.Start({&stillborn}, kNotInThisTest);
  keeper.Stop();
  keeper.WriteLast();
  EXPECT_THAT(Read(file_).records, SizeIs(2));
}

TEST_F(StateKeeperTest, BringsBackWhoIsStillConfigured) {
  Write(3);
  const auto records = Load({{.server_name = "hs1.test"}, {.server_name = "new.test"}});
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records.at("hs1.test").history.probes, 1000U);
}

TEST_F(StateKeeperTest, BringsBackNothingFromTheFuture) {
  Write(1);
  const auto records = Load({{.server_name = "hs0.test"}}, kFinishedAt - 1000 * 24h);
  EXPECT_EQ(records.at("hs0.test").history.last_finished, kFinishedAt - 1000 * 24h);
  EXPECT_THAT(Samples("last_write_timestamp_seconds"),
              ElementsAre(HasSubstr("_seconds 1713600000.5")));
}

TEST_F(StateKeeperTest, SetsADamagedFileAside) {
  WriteAll(file_, "not ours");
  EXPECT_THAT(Load({}), IsEmpty());
  EXPECT_FALSE(Exists(""));
  EXPECT_EQ(ReadAll(file_ + ".damaged"), "not ours");
}

TEST_F(StateKeeperTest, SetsANewerFileAside) {
  Write(1);
  std::string bytes = ReadAll(file_);
  bytes[10] = 7;
  WriteAll(file_, bytes);
  EXPECT_THAT(Load({{.server_name = "hs0.test"}}), IsEmpty());
  EXPECT_EQ(ReadAll(file_ + ".newer-version-7"), bytes);
}

TEST_F(StateKeeperTest, LeavesAnotherDaemonsFileAlone) {
  StateKeeper first(file_, instruments_, logger_);
  StateKeeper second(file_, instruments_, logger_);
  std::string error;
  EXPECT_TRUE(first.Claim(error));
  EXPECT_FALSE(second.Claim(error));
  EXPECT_EQ(error, "another matrix-federation-exporter uses the state file " + file_ +
                       "; each needs a file of its own (--state.file)");
}

TEST_F(StateKeeperTest, LeavesADirectoryAlone) {
  std::string error;
  EXPECT_FALSE(StateKeeper(directory_.path(), instruments_, logger_).Claim(error));
  EXPECT_THAT(error, HasSubstr("is not a regular file; in a directory, name a file"));
}

TEST_F(StateKeeperTest, MayHaveTheFileWhenTheOtherIsGone) {
  std::string error;
  EXPECT_TRUE(StateKeeper(file_, instruments_, logger_).Claim(error));
  EXPECT_TRUE(StateKeeper(file_, instruments_, logger_).Claim(error));
}

TEST_F(StateKeeperTest, GoesOnWithoutItsDirectoryAndSaysSoOnce) {
  int errors = 0;
  logger_.set_observer([&](LogLevel level) { errors += level == LogLevel::kError ? 1 : 0; });
  StateKeeper keeper(directory_.File("later/state"), instruments_, logger_);
  std::string error;
  EXPECT_TRUE(keeper.Claim(error));
  keeper.WriteLast();
  EXPECT_EQ(errors, 1);
  EXPECT_THAT(Samples("write_failures_total"), ElementsAre(HasSubstr("_total 2")));
  EXPECT_THAT(Samples("last_write_timestamp_seconds"), IsEmpty());
}

TEST_F(StateKeeperTest, WritesAsSoonAsItCan) {
  StateKeeper keeper(directory_.File("later/state"), instruments_, logger_);
  std::string error;
  keeper.Claim(error);
  std::filesystem::create_directory(directory_.File("later"));
  keeper.WriteLast();
  EXPECT_EQ(Read(directory_.File("later/state")).outcome, StoredState::Outcome::kRead);
  EXPECT_THAT(Samples("last_write_timestamp_seconds"), SizeIs(1));
}

}  // namespace
}  // namespace exporter
