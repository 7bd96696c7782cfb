#include "exporter/daemon.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "exporter/api/routes.h"
#include "exporter/board.h"
#include "exporter/config_file.h"
#include "exporter/descriptor_limit.h"
#include "exporter/instruments.h"
#include "exporter/logger.h"
#include "exporter/page/routes.h"
#include "exporter/page/tally.h"
#include "exporter/probe_loop.h"
#include "exporter/reloader.h"
#include "exporter/scrape.h"
#include "exporter/service_manager.h"
#include "exporter/shard.h"
#include "exporter/state_keeper.h"
#include "exporter/web_config_watch.h"
#include "web/origin.h"
#include "web/server.h"

namespace exporter {
namespace {

namespace asio = boost::asio;

// How long a probe loop may be silent before the daemon calls itself unhealthy.
constexpr std::chrono::seconds kSilenceMax{30};

// Soon enough for `systemctl status`, and seldom enough for 50,000 homeservers to be counted.
constexpr std::chrono::seconds kStatusInterval{5};

// Everything of one run, set up step by step; each step says whether the next one may be taken.
class Daemon {
 public:
  explicit Daemon(const CommandLine& line)
      : line_(line),
        logger_(line.log_level, line.log_format),
        reloader_(io_.get_executor(), ConfigFile(line), board_, instruments_, logger_) {
    logger_.set_observer([this](LogLevel level) { instruments_.CountLogMessage(level); });
  }

  int Run() {
    if (!FindShard() || !LoadSettings() || !web_config_.Begin() || !OpenListeners() ||
        !ClaimState() || !CreateLoops()) {
      return 1;
    }
    const bool served = Serve();
    StopThreads();
    if (!served) return 1;
    if (state_) state_->WriteLast();
    logger_.Info("stopped");
    return 0;
  }

 private:
  static std::string ConfigFile(const CommandLine& line) {
    return line.config_file.empty() ? kDefaultConfigFile : line.config_file;
  }

  bool FindShard() {
    Shard shard;
    std::string error;
    if (!ResolveShard(line_.shard, line_.shards, HostName(), shard, error)) {
      logger_.Error(error);
      return false;
    }
    reloader_.set_shard(shard);
    instruments_.SetShard(shard.ordinal, shard.count);
    return true;
  }

  bool LoadSettings() {
    loaded_ = LoadConfiguration(ConfigFile(line_));
    for (const std::string& mistake : loaded_.mistakes) {
      logger_.Error("the configuration is wrong", {{"mistake", mistake}});
    }
    WarnOf(loaded_, logger_);
    return loaded_.settings != nullptr;
  }

  bool OpenListeners() {
    listeners_ = web::Listener::Inherited(io_.get_executor());
    if (!listeners_.empty() && !line_.listen_addresses.empty()) {
      logger_.Log(LogLevel::kWarn,
                  "--web.listen-address has no effect: the sockets come from systemd, whose "
                  "ListenStream= says where they listen");
    }
    auto addresses = line_.listen_addresses;
    if (addresses.empty()) addresses.emplace_back(kDefaultListenAddress);
    return (!listeners_.empty() || Open(addresses, "--web.listen-address", listeners_)) &&
           (line_.health_listen_addresses.empty() ||
            Open(line_.health_listen_addresses, "--web.health-listen-address", health_listeners_));
  }

  bool Open(const std::vector<std::string>& addresses, std::string_view flag,
            std::vector<web::Listener>& listeners) {
    std::string error;
    listeners = web::Listener::OpenAll(io_.get_executor(), addresses, error, flag);
    if (listeners.empty()) logger_.Error(error);
    return !listeners.empty();
  }

  // systemd sets the directory, or several of them.
  static std::string StateFile(const CommandLine& line) {
    if (line.state_file) return *line.state_file;
    const char* const directories = std::getenv("STATE_DIRECTORY");
    if (directories == nullptr || *directories == '\0') return "";
    const std::string all = directories;
    return all.substr(0, all.find(':')) + "/state";
  }

  bool ClaimState() {
    const std::string file = StateFile(line_);
    if (file.empty()) return true;
    state_ = std::make_unique<StateKeeper>(file, instruments_, logger_);
    std::string error;
    const bool claimed = state_->Claim(error);
    if (!claimed) logger_.Error(error);
    return claimed;
  }

  bool CreateLoops() {
    StateRecords records;
    if (state_) {
      records = state_->Load(loaded_.settings->homeservers, std::chrono::system_clock::now());
    }
    for (int i = 0; i < loaded_.settings->probe.threads; ++i) {
      loops_.push_back(std::make_unique<ProbeLoop>(instruments_, logger_));
    }
    std::string error;
    const bool begun = reloader_.Begin(std::move(loaded_), Loops(), std::move(records), error);
    if (!begun) logger_.Error(error);
    return begun;
  }

  [[nodiscard]] std::vector<ProbeLoop*> Loops() const {
    std::vector<ProbeLoop*> loops;
    for (const auto& loop : loops_) loops.push_back(loop.get());
    return loops;
  }

  bool StartThreads() {
    try {
      for (const auto& loop : loops_) {
        threads_.emplace_back([&loop] { loop->Run(); });
      }
      if (state_) state_->Start(Loops());
      return true;
    } catch (const std::system_error& failure) {
      logger_.Error(
          "the system does not let all threads start; lower probe.threads, or raise what limits "
          "them: TasksMax= of the service, the container's limit of processes, ulimit -u",
          {{"probe_threads", std::to_string(loops_.size())},
           {"started", std::to_string(threads_.size())},
           {"problem", failure.code().message()}});
      return false;
    }
  }

  // Until a signal ends it. False when it could not begin.
  bool Serve() {
    web::Server server(io_.get_executor(), Routes(), ServerOptions());
    web::Server health_server(io_.get_executor(), HealthRoutes(), HealthServerOptions());
    // After the servers: each has a thread too, and would leave these behind where it cannot start.
    if (!StartThreads()) return false;
    ServeAt(server, listeners_, "everything");
    ServeAt(health_server, health_listeners_, "health");
    asio::signal_set stop(io_, SIGINT, SIGTERM);
    stop.async_wait([&](auto error, int signal) {
      if (error) return;
      service_manager_.Stopping();
      logger_.Info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
      io_.stop();
    });
    WaitForHangUp();
    reloader_.set_observer([this](bool reloading) {
      reloading ? service_manager_.Reloading() : service_manager_.Ready();
    });
    reloader_.Watch();
    service_manager_.Ready();
    KeepWatchdogAtBay();
    if (service_manager_.is_heard()) KeepStatusCurrent();
    io_.run();
    return true;
  }

  void ServeAt(web::Server& server, std::vector<web::Listener>& listeners, std::string what) {
    for (web::Listener& listener : listeners) {
      logger_.Info("listening", {{"address", listener.LocalAddress()}, {"serves", what}});
      server.Serve(std::move(listener));
    }
  }

  // From the main thread, and only while the probe loops live: either of them frozen, the watchdog
  // comes.
  void KeepWatchdogAtBay() {
    const auto interval = service_manager_.watchdog();
    if (!interval) return;
    if (LoopsAlive(*interval / 2)) service_manager_.KeepAlive();
    watchdog_timer_.expires_after(*interval / 4);
    watchdog_timer_.async_wait([this](auto error) {
      if (!error) KeepWatchdogAtBay();
    });
  }

  void KeepStatusCurrent() {
    const auto now = std::chrono::system_clock::now();
    service_manager_.SetStatus(page::Headline(page::TallyOf(board_.rows(), now)));
    status_timer_.expires_after(kStatusInterval);
    status_timer_.async_wait([this](auto error) {
      if (!error) KeepStatusCurrent();
    });
  }

  [[nodiscard]] bool LoopsAlive(std::chrono::steady_clock::duration within) const {
    return std::all_of(loops_.begin(), loops_.end(),
                       [&](const auto& loop) { return loop->IsAlive(within); });
  }

  void WaitForHangUp() {
    hang_up_.async_wait([this](auto error, int /*signal*/) {
      if (error) return;
      reloader_.Request("SIGHUP");
      WaitForHangUp();
    });
  }

  void StopThreads() {
    if (state_) state_->Stop();
    for (const auto& loop : loops_) loop->Stop();
    for (std::thread& thread : threads_) thread.join();
    reloader_.Stop();
  }

  web::ServerOptions HealthServerOptions() {
    web::ServerOptions options;
    options.observer = [this](std::string_view handler, unsigned status) {
      instruments_.CountHttpRequest(handler, status);
    };
    return options;
  }

  web::ServerOptions ServerOptions() {
    web::ServerOptions options = HealthServerOptions();
    options.max_requests = static_cast<std::size_t>(line_.max_requests);
    options.route_prefix = RoutePrefix(line_);
    options.protection = [this] { return web_config_.Current(); };
    return options;
  }

  // Parameters are no mistake here: what kills an exporter that does not answer 200 shall not do so
  // for one that is well.
  std::vector<web::Route> HealthRoutes() {
    return {
        {.path = "/-/healthy",
         .summary = "200 while the probe loop runs",
         .handler = [this](const web::Request&) { return Healthy(); },
         .always = true,
         .takes_parameters = true},
        {.path = "/-/ready",
         .summary = "200 when requests are served",
         .handler = [](const web::Request&) { return web::Text(200, "ready\n"); },
         .always = true,
         .takes_parameters = true},
    };
  }

  std::vector<web::Route> Routes() {
    std::vector<web::Route> routes = HealthRoutes();
    routes.push_back({line_.telemetry_path, "metrics in OpenMetrics or Prometheus' text format",
                      [this](const web::Request& request) {
                        return scrape_.Answer(request, std::chrono::system_clock::now());
                      }});
    routes.push_back({.path = "/-/reload",
                      .summary = "reloads the configuration; POST or PUT",
                      .methods = {"POST", "PUT"},
                      .later = [this](const web::Request& request, const web::Reply& reply) {
                        Reload(request, reply);
                      }});
    for (web::Route& route : ApiRoutes({.board = board_,
                                        .settings = [this] { return reloader_.settings(); },
                                        .probe_now =
                                            [this](const Row& row) {
                                              loops_[row.loop]->ProbeNow(row.number,
                                                                         row.server->server_name);
                                            },
                                        .external_url = line_.external_url})) {
      routes.push_back(std::move(route));
    }
    for (web::Route& route : page::Routes(board_, line_.telemetry_path)) {
      routes.push_back(std::move(route));
    }
    return routes;
  }

  // As those of Prometheus' programs who ask for a reload expect it: they hear how it ended.
  void Reload(const web::Request& request, const web::Reply& reply) {
    if (web::ComesFromElsewhere(request, web::OriginOf(line_.external_url))) {
      return reply(web::Text(403, "a page of another site may not ask for a reload\n"));
    }
    if (!line_.enable_lifecycle) {
      return reply(web::Text(403, "reloading by HTTP is off: --web.enable-lifecycle=false\n"));
    }
    reloader_.Request("POST /-/reload", [reply](const std::vector<std::string>& mistakes) {
      if (mistakes.empty()) return reply(web::Text(200, "the configuration is in force\n"));
      std::string text = "the running configuration stays in force:\n";
      for (const std::string& mistake : mistakes) text += mistake + "\n";
      reply(web::Text(500, std::move(text)));
    });
  }

  web::Response Healthy() {
    return LoopsAlive(kSilenceMax)
               ? web::Text(200, "healthy\n")
               : web::Text(503, "a probe loop has shown no sign of life for 30 seconds\n");
  }

  const CommandLine& line_;
  Instruments instruments_;
  Logger logger_;
  LoadedConfiguration loaded_;
  WebConfigWatch web_config_{line_.web_config_file, logger_};
  Board board_;
  Scrape scrape_{board_, instruments_};
  asio::io_context io_{1};
  // From the start, so that a reload that is asked for early waits instead of ending the daemon.
  asio::signal_set hang_up_{io_, SIGHUP};
  ServiceManager service_manager_;
  asio::steady_timer watchdog_timer_{io_};
  asio::steady_timer status_timer_{io_};
  std::vector<web::Listener> listeners_;
  std::vector<web::Listener> health_listeners_;
  std::vector<std::unique_ptr<ProbeLoop>> loops_;
  Reloader reloader_;
  std::unique_ptr<StateKeeper> state_;  // nullptr without a file
  std::vector<std::thread> threads_;
};

}  // namespace

int RunDaemon(const CommandLine& line) {
  RaiseDescriptorLimit();
  return Daemon(line).Run();
}

}  // namespace exporter
