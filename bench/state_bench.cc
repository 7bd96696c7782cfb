// What the state file costs at 50,000 homeservers: time to write it (with the fsync) and to read
// it, its size, how long a probe loop is held up at a time, and how much memory either needs
// besides what is there anyway.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "exporter/board.h"
#include "exporter/history.h"
#include "exporter/state_file.h"
#include "sample_report.h"

namespace bench {
namespace {

using exporter::AppendRecord;
using exporter::History;
using exporter::Homeserver;
using exporter::ReadStateFile;
using exporter::RenderBlock;
using exporter::Settings;
using exporter::StateFileWriter;
using matrix_federation::SystemTime;
using Clock = std::chrono::steady_clock;

const SystemTime kNow{std::chrono::seconds{1'800'000'000}};
constexpr const char* kFile = "state_bench.state";
constexpr std::size_t kPortion = 64;  // as the keeper's

// A number of kB of /proc/self/status.
double Status(const std::string& member) {
  std::ifstream file("/proc/self/status");
  std::string word;
  double value = 0;
  while (file >> word) {
    if (word == member && file >> value) break;
  }
  return value;
}

// Memory beyond what was resident at the start, at its highest.
class Peak {
 public:
  Peak() {
    std::ofstream("/proc/self/clear_refs") << 5;
    before_ = Status("VmRSS:");
  }
  [[nodiscard]] double MegaBytes() const { return (Status("VmHWM:") - before_) / 1024; }

 private:
  double before_;
};

struct Probed {
  std::string server_name;
  History history;
  exporter::BlockPointer block;
};

const std::vector<Probed>& Servers(std::size_t count) {
  static std::vector<Probed> servers;
  static const Settings kSettings;
  for (std::size_t i = servers.size(); i < count; ++i) {
    Probed& probed = servers.emplace_back();
    probed.server_name = SampleName(i);
    const Homeserver server{.server_name = probed.server_name};
    const auto report = SampleReport(i);
    exporter::Update(probed.history, report, kNow);
    probed.block = RenderBlock({server, kSettings, probed.history, &report, kNow});
  }
  return servers;
}

// Returns the longest that a portion took.
double WriteFile(const std::vector<Probed>& servers) {
  StateFileWriter writer(kFile, kNow);
  Clock::duration longest{};
  for (std::size_t first = 0; first < servers.size(); first += kPortion) {
    const auto begin = Clock::now();
    std::string records;
    for (std::size_t i = first; i < std::min(servers.size(), first + kPortion); ++i) {
      if (!AppendRecord(servers[i].server_name, servers[i].history, *servers[i].block, nullptr, {},
                        records)) {
        throw std::runtime_error("the sample is too large for a state file");
      }
    }
    longest = std::max(longest, Clock::now() - begin);
    writer.Append(records);
  }
  if (!writer.Commit()) throw std::runtime_error(writer.error());
  return std::chrono::duration<double, std::milli>(longest).count();
}

void WriteState(benchmark::State& state) {
  const auto& servers = Servers(static_cast<std::size_t>(state.range(0)));
  const Peak peak;
  double longest = 0;
  for (auto _ : state) longest = WriteFile(servers);
  state.counters["extra_MB"] = peak.MegaBytes();
  state.counters["portion_ms"] = longest;
  state.counters["file_MB"] = static_cast<double>(std::filesystem::file_size(kFile)) / 1e6;
}

// What is read is what the daemon then works with.
void ReadState(benchmark::State& state) {
  WriteFile(Servers(static_cast<std::size_t>(state.range(0))));
  const Peak peak;
  for (auto _ : state) {
    const auto read = ReadStateFile(kFile, [](auto&) { return true; });
    state.counters["servers"] = static_cast<double>(read.records.size());
    state.counters["extra_MB"] = peak.MegaBytes();
  }
  std::filesystem::remove(kFile);
}

BENCHMARK(WriteState)->Arg(50'000)->Iterations(3)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(ReadState)->Arg(50'000)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace bench
