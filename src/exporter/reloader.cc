#include "exporter/reloader.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include "exporter/descriptor_limit.h"

namespace exporter {

namespace asio = boost::asio;
namespace {

constexpr auto kLookEvery = std::chrono::seconds(2);

}  // namespace

void WarnOf(const LoadedConfiguration& loaded, Logger& logger) {
  for (const std::string& warning : loaded.warnings) {
    logger.Log(LogLevel::kWarn, "the configuration is hardly as it is meant",
               {{"warning", warning}});
  }
}

std::size_t InFlightOf(std::size_t loop, std::size_t loops, std::size_t in_flight_max) {
  const std::size_t share = in_flight_max / loops + (loop < in_flight_max % loops ? 1 : 0);
  return std::max<std::size_t>(1, share);
}

Reloader::Reloader(asio::any_io_executor main, std::string file, Board& board,
                   Instruments& instruments, Logger& logger)
    : main_(std::move(main)),
      file_(std::move(file)),
      board_(board),
      instruments_(instruments),
      logger_(logger),
      look_timer_(main_) {
  asio::post(thread_, [] { pthread_setname_np(pthread_self(), "reload"); });
}

Reloader::~Reloader() { Stop(); }

void Reloader::Stop() {
  thread_.stop();
  thread_.join();
}

bool Reloader::Begin(LoadedConfiguration loaded, std::vector<ProbeLoop*> loops,
                     StateRecords records, std::string& error) {
  loops_ = std::move(loops);
  roster_ = std::make_unique<Roster>(loops_.size());
  round_ = std::make_unique<Round>();
  round_->loaded = std::move(loaded);
  FollowFiles();
  if (!Prepare(error)) return false;
  for (const Orders& orders : round_->orders) {
    for (const auto& target : orders.change.added) {
      const auto record = records.find(target->server->server_name);
      if (record != records.end()) Restore(std::move(record->second), *target);
    }
  }
  Apply();
  return true;
}

void Reloader::Request(std::string_view cause, Done done) {
  logger_.Info("reloading the configuration", {{"cause", std::string(cause)}, {"file", file_}});
  if (done) waiting_.push_back(std::move(done));
  again_ = true;
  if (!round_) Start();
}

void Reloader::Watch() {
  look_timer_.expires_after(kLookEvery);
  look_timer_.async_wait([this](auto error) {
    if (error) return;
    // A reload looks by itself.
    round_ ? Watch() : asio::post(thread_, [this] { LookAgain(); });
  });
}

void Reloader::LookAgain() {
  const bool changed = watch_.Changed(Look());
  asio::post(main_, [this, changed] {
    if (changed && !round_) Request("the files have changed");
    Watch();
  });
}

void Reloader::Observe(bool reloading) const {
  if (observer_) observer_(reloading);
}

void Reloader::Start() {
  again_ = false;
  Observe(true);
  round_ = std::make_unique<Round>();
  round_->done.swap(waiting_);
  asio::post(thread_, [this] { Load(); });
}

// On the preparing thread, like Prepare.
void Reloader::Load() {
  const std::uint64_t look = Look();
  try {
    round_->loaded = LoadConfiguration(file_);
  } catch (const std::exception& error) {  // no reload may end the daemon
    round_->loaded = {.mistakes = {file_ + ": cannot be read: " + error.what()},
                      .files = further_files_,
                      .look = look};
  }
  FollowFiles();
  std::string error;
  if (round_->loaded.settings && !Prepare(error)) round_->loaded.mistakes.push_back(error);
  for (const std::string& mistake : round_->loaded.mistakes) {
    logger_.Error("the configuration is wrong", {{"mistake", mistake}});
  }
  WarnOf(round_->loaded, logger_);
  const bool good = round_->loaded.mistakes.empty();
  asio::post(main_, [this, good] { good ? Apply() : Refuse(); });
}

bool Reloader::Prepare(std::string& error) {
  Settings& settings = *round_->loaded.settings;
  round_->orders.resize(loops_.size());
  if (!SetUpNetworks(settings, error)) return false;
  // From here on nothing can fail: the roster and the loops are always of one mind.
  round_->others = OtherShards(shard_, settings.homeservers);
  KeepOwn(settings.homeservers);
  round_->homeservers = settings.homeservers.size();
  round_->change = roster_->Replace(std::move(settings.homeservers));
  settings.homeservers.clear();
  const auto in_flight_max = static_cast<std::size_t>(settings.probe.max_in_flight);
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    round_->orders[i].settings = round_->loaded.settings;
    round_->orders[i].in_flight_max = InFlightOf(i, loops_.size(), in_flight_max);
    round_->orders[i].change = std::move(round_->change.loops[i]);
  }
  return true;
}

std::uint64_t Reloader::Look() const {
  return LookAtFiles(file_, further_files_.homeserver_files, further_files_.ca_file);
}

void Reloader::FollowFiles() {
  further_files_ = std::move(round_->loaded.files);
  watch_.Loaded(round_->loaded.look);
}

void Reloader::KeepOwn(std::vector<Homeserver>& homeservers) const {
  std::erase_if(homeservers,
                [this](const Homeserver& server) { return !shard_.Owns(server.server_name); });
}

// New ones only where they would differ: with the old one a loop keeps its memory of verified
// chains.
bool Reloader::SetUpNetworks(const Settings& settings, std::string& error) {
  auto ingredients = NetworkIngredients::Of(settings);
  if (ingredients_ == ingredients) return true;
  const auto count_query = [this](auto type, auto status) {
    instruments_.CountDnsQuery(type, status);
  };
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    auto network = NetworkStack::Create(loops_[i]->executor(), settings, count_query, error);
    if (!network) return false;
    round_->orders[i].network = std::move(network);
  }
  ingredients_ = std::move(ingredients);
  return true;
}

void Reloader::Refuse() {
  instruments_.SetReloadFailed();
  logger_.Error("the running configuration stays in force", {{"file", file_}});
  Finish();
}

// One handler of the main thread: no scrape comes in between.
void Reloader::Apply() {
  const RosterChange& change = round_->change;
  KeepThreads();
  round_->old_rows = board_.Replace(std::move(round_->change.rows), std::move(round_->others));
  settings_ = round_->loaded.settings;
  const Settings& settings = *settings_;
  instruments_.SetConfiguration(round_->loaded.hash, std::chrono::system_clock::now(),
                                round_->homeservers);
  instruments_.SetInFlightMax(
      std::max(settings.probe.max_in_flight, static_cast<int>(loops_.size())));
  logger_.Info("configuration loaded", {{"file", file_},
                                        {"homeservers", std::to_string(round_->homeservers)},
                                        {"added", std::to_string(change.added)},
                                        {"removed", std::to_string(change.removed)},
                                        {"changed", std::to_string(change.changed)}});
  WarnOfTooFewDescriptors(settings.probe, logger_);
  GiveOrders();
}

void Reloader::KeepThreads() {
  int& threads = round_->loaded.settings->probe.threads;
  const auto wanted = static_cast<std::size_t>(threads);
  if (wanted == loops_.size()) return;
  threads = static_cast<int>(loops_.size());
  logger_.Log(LogLevel::kWarn, "probe.threads takes effect at a restart only",
              {{"running", std::to_string(loops_.size())}, {"configured", std::to_string(wanted)}});
}

void Reloader::GiveOrders() {
  round_->unfinished = loops_.size();
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->Adopt(round_->orders[i], [this] {
      asio::post(main_, [this] {
        if (--round_->unfinished == 0) Finish();
      });
    });
  }
}

// What is left is destroyed on the thread that nobody waits for.
void Reloader::Finish() {
  Observe(false);
  for (const Done& done : round_->done) done(round_->loaded.mistakes);
  asio::post(thread_, [this] {
    round_->change = {};
    round_->orders.clear();
    round_->old_rows.clear();
    round_->loaded = {};
    asio::post(main_, [this] {
      round_.reset();
      if (again_) Start();
    });
  });
}

}  // namespace exporter
