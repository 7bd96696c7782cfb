#include "exporter/daemon.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include "exporter/board.h"
#include "exporter/config_file.h"
#include "exporter/instruments.h"
#include "exporter/logger.h"
#include "exporter/probe_loop.h"
#include "web/server.h"

namespace exporter {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// Everything of one run, set up step by step; each step says whether the next one may be taken.
class Daemon {
 public:
  explicit Daemon(const CommandLine& line) : line_(line), logger_(line.log_level, line.log_format) {
    logger_.set_observer([this](LogLevel level) { instruments_.CountLogMessage(level); });
  }

  int Run() {
    if (!LoadSettings() || !OpenListeners() || !CreateLoops()) return 1;
    StartThreads();
    Serve();
    StopThreads();
    logger_.Info("stopped");
    return 0;
  }

 private:
  bool LoadSettings() {
    const std::string file = line_.config_file.empty() ? kDefaultConfigFile : line_.config_file;
    LoadedConfiguration loaded = LoadConfiguration(file);
    for (const std::string& mistake : loaded.mistakes) {
      logger_.Error("the configuration is wrong", {{"mistake", mistake}});
    }
    if (!loaded.settings) return false;
    settings_ = std::move(loaded.settings);
    const std::size_t targets = settings_->homeservers.size();
    instruments_.SetConfiguration(loaded.hash, std::chrono::system_clock::now(), targets);
    instruments_.SetInFlightMax(settings_->probe.max_in_flight);
    board_ = std::make_unique<Board>(targets);
    logger_.Info("configuration loaded",
                 {{"file", file}, {"homeservers", std::to_string(targets)}});
    return true;
  }

  bool OpenListeners() {
    listeners_ = web::Listener::Inherited(io_.get_executor());
    if (!listeners_.empty()) return true;
    auto addresses = line_.listen_addresses;
    if (addresses.empty()) addresses.emplace_back(kDefaultListenAddress);
    std::string error;
    listeners_ = web::Listener::OpenAll(io_.get_executor(), addresses, error);
    if (listeners_.empty()) logger_.Error(error);
    return !listeners_.empty();
  }

  bool CreateLoops() {
    const auto count =
        std::min(static_cast<std::size_t>(settings_->probe.threads), settings_->homeservers.size());
    std::vector<std::vector<std::size_t>> shares(count);
    for (std::size_t i = 0; i < settings_->homeservers.size(); ++i) {
      shares[i % count].push_back(i);
    }
    const auto in_flight_max =
        std::max<std::size_t>(1, static_cast<std::size_t>(settings_->probe.max_in_flight) / count);
    for (auto& share : shares) {
      std::string error;
      auto loop = ProbeLoop::Create(settings_, std::move(share), in_flight_max, *board_,
                                    instruments_, logger_, error);
      if (!loop) {
        logger_.Error(error);
        return false;
      }
      loops_.push_back(std::move(loop));
    }
    return true;
  }

  void StartThreads() {
    for (const auto& loop : loops_) {
      threads_.emplace_back([&loop] { loop->Run(); });
    }
  }

  void Serve() {
    web::Server server(io_.get_executor(), Routes(), ServerOptions());
    for (web::Listener& listener : listeners_) {
      logger_.Info("listening", {{"address", listener.LocalAddress()}});
      server.Serve(std::move(listener));
    }
    asio::signal_set signals(io_, SIGINT, SIGTERM, SIGHUP);
    WaitForSignal(signals);
    io_.run();
  }

  void WaitForSignal(asio::signal_set& signals) {
    signals.async_wait([&](auto error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        logger_.Log(LogLevel::kWarn,
                    "SIGHUP: this version does not reload; restart it to apply a changed "
                    "configuration");
        WaitForSignal(signals);
        return;
      }
      logger_.Info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
      io_.stop();
    });
  }

  void StopThreads() {
    for (const auto& loop : loops_) loop->Stop();
    for (std::thread& thread : threads_) thread.join();
  }

  web::ServerOptions ServerOptions() {
    web::ServerOptions options;
    options.observer = [this](std::string_view handler, unsigned status) {
      instruments_.CountHttpRequest(handler, status);
    };
    return options;
  }

  std::vector<web::Route> Routes() {
    return {
        {line_.telemetry_path, "metrics in Prometheus' text format",
         [this](const web::Request&) { return Metrics(); }},
        {"/-/healthy", "200 while the probe loop runs",
         [this](const web::Request&) { return Healthy(); }},
        {"/-/ready", "200 when requests are served",
         [](const web::Request&) { return web::Text(200, "ready\n"); }},
        {"/", "this program and where to look", [this](const web::Request&) { return Landing(); }},
    };
  }

  web::Response Metrics() {
    web::Response response;
    response.content_type = kMetricsType;
    response.body = std::make_shared<const std::string>(
        RenderExposition(*board_, instruments_.Render(), std::chrono::system_clock::now()));
    response.compressible = true;
    return response;
  }

  web::Response Healthy() {
    const bool alive =
        std::all_of(loops_.begin(), loops_.end(), [](const auto& loop) { return loop->IsAlive(); });
    return alive ? web::Text(200, "healthy\n")
                 : web::Text(503, "a probe loop has shown no sign of life for 30 seconds\n");
  }

  web::Response Landing() {
    web::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = std::make_shared<const std::string>(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<title>matrix-federation-exporter</title></head><body>"
        "<h1>matrix-federation-exporter " MATRIX_FEDERATION_EXPORTER_VERSION
        "</h1>"
        "<p>Tells whether other servers can reach " +
        std::to_string(settings_->homeservers.size()) +
        " Matrix homeserver(s).</p>"
        "<ul><li><a href=\"" +
        line_.telemetry_path +
        "\">Metrics</a></li><li><a href=\"/-/healthy\">Health</a></li>"
        "<li><a href=\"/-/ready\">Readiness</a></li></ul></body></html>\n");
    return response;
  }

  const CommandLine& line_;
  Instruments instruments_;
  Logger logger_;
  std::shared_ptr<const Settings> settings_;
  std::unique_ptr<Board> board_;
  asio::io_context io_{1};
  std::vector<web::Listener> listeners_;
  std::vector<std::unique_ptr<ProbeLoop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace

int RunDaemon(const CommandLine& line) { return Daemon(line).Run(); }

}  // namespace exporter
