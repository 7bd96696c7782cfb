#include "exporter/check_command.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "exporter/background_writer.h"
#include "exporter/board.h"
#include "exporter/config_file.h"
#include "exporter/descriptor_limit.h"
#include "exporter/exposition.h"
#include "exporter/network_stack.h"
#include "exporter/report_tap.h"
#include "exporter/report_text.h"
#include "matrix_federation/label.h"

namespace exporter {
namespace {

namespace asio = boost::asio;
using matrix_federation::Report;

// The configuration that was named, else the installed one if there is one, else the defaults. One
// that may not be read is there.
LoadedConfiguration Load(const CommandLine& line) {
  if (!line.config_file.empty()) return LoadConfiguration(line.config_file, true);
  if (access(kDefaultConfigFile, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)) {
    return LoadConfiguration(kDefaultConfigFile, true);
  }
  return {.settings = std::make_shared<Settings>()};
}

// What the daemon would show after a first probe with this result. A name that is no server name
// may be any bytes: as a label it is made text.
Row RowOf(Homeserver server, const Settings& settings, const Report& report) {
  if (!matrix_federation::ServerName::Parse(server.server_name).ok()) {
    server.server_name = matrix_federation::ToLabel(server.server_name);
  }
  History history;
  const auto now = std::chrono::system_clock::now();
  Update(history, report, now);
  Row row = MakeRow(std::move(server));
  row.slot->Publish(RenderBlock({*row.server, settings, history, &report, now}));
  return row;
}

// Probes the names, several at once, and prints each report when all before it are printed.
class CheckRun {
 public:
  CheckRun(const CommandLine& line, const Settings& settings, NetworkStack& network,
           asio::io_context& io)
      : line_(line), settings_(settings), network_(network), io_(io), outputs_(line.names.size()) {
    rows_.resize(line.names.size());
  }

  void Start() {
    const auto at_once = static_cast<std::size_t>(settings_.probe.max_in_flight);
    while (next_ < line_.names.size() && next_ < at_once) StartNext();
  }

  /// Prints what can be printed only when all is known, and waits for all to be read: the status.
  int Finish() {
    if (line_.format == CheckFormat::kPrometheus) PrintExposition();
    return writer_.Finish() ? status_ : kCheckImpossible;
  }

 private:
  void PrintExposition() {
    // A series may be exposed once only.
    std::set<std::string> names;
    std::erase_if(rows_,
                  [&](const Row& row) { return !names.insert(row.server->server_name).second; });
    Board board;
    board.Replace(std::move(rows_));
    writer_.Write(RenderExposition(board, "", std::chrono::system_clock::now()));
  }

  void StartNext() {
    asio::co_spawn(io_, Probe(next_++), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }

  // A name that the configuration lists is probed as configured there.
  [[nodiscard]] Homeserver SettingsOf(const std::string& name) const {
    for (const Homeserver& server : settings_.homeservers) {
      if (server.server_name == name) return server;
    }
    return {.server_name = name, .probe = settings_.probe};
  }

  asio::awaitable<void> Probe(std::size_t index) {
    // Not on the stack of whoever starts it: one that never waits would start the next from there.
    co_await asio::post(asio::use_awaitable);
    const std::string& name = line_.names[index];
    const auto options = network_.OptionsFor(SettingsOf(name));
    Take(index, matrix_federation::Judge(
                    co_await matrix_federation::Observe(name, network_.world(), options)));
  }

  void Take(std::size_t index, const Report& report) {
    Note(report);
    outputs_[index] = TextOf(index, report);
    const bool is_read = Print();
    if (next_ < line_.names.size()) StartNext();
    // What a silent DNS server still owes must not keep the answer's reader waiting.
    if (printed_ == outputs_.size() || !is_read) io_.stop();
  }

  std::string TextOf(std::size_t index, const Report& report) {
    switch (line_.format) {
      case CheckFormat::kText: return (index == 0 ? "" : "\n") + ToText(report);
      case CheckFormat::kJson: return ToJson(report) + "\n";
      case CheckFormat::kTap: return ToTap(report, index, line_.names.size(), line_.strict);
      case CheckFormat::kPrometheus: break;
    }
    rows_[index] = RowOf(SettingsOf(line_.names[index]), settings_, report);
    return "";
  }

  void Note(const Report& report) {
    if (!report.federation_ok) {
      status_ = kCheckSomeFail;
    } else if (line_.strict && CarriesWarnings(report) && status_ == kCheckAllWork) {
      status_ = kCheckOnlyWarnings;
    }
  }

  // False when nobody reads any more.
  bool Print() {
    bool is_read = true;
    while (printed_ < outputs_.size() && outputs_[printed_]) {
      is_read = writer_.Write(std::move(*outputs_[printed_])) && is_read;
      outputs_[printed_++] = "";
    }
    return is_read;
  }

  const CommandLine& line_;
  const Settings& settings_;
  NetworkStack& network_;
  asio::io_context& io_;
  std::size_t next_ = 0;
  std::vector<std::optional<std::string>> outputs_;
  std::size_t printed_ = 0;
  std::vector<Row> rows_;  // of the format that shows all servers at once
  int status_ = kCheckAllWork;
  BackgroundWriter writer_{std::cout};
};

}  // namespace

int RunCheck(const CommandLine& line) {
  const LoadedConfiguration loaded = Load(line);
  for (const std::string& mistake : loaded.mistakes) std::cerr << mistake << "\n";
  if (!loaded.settings) return kCheckImpossible;
  RaiseDescriptorLimit();
  asio::io_context io{1};
  std::string error;
  const auto network =
      NetworkStack::Create(io.get_executor(), *loaded.settings, [](auto, auto) {}, error);
  if (!network) {
    std::cerr << error << "\n";
    return kCheckImpossible;
  }
  CheckRun run(line, *loaded.settings, *network, io);
  run.Start();
  io.run();
  return run.Finish();
}

}  // namespace exporter
