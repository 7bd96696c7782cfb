// What a scrape costs: the same series by a prometheus-cpp registry and by our blocks, plain and
// with gzip, at 1,000 and 10,000 homeservers; and what an idle homeserver weighs.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <zlib.h>

#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "exporter/exposition.h"
#include "exporter/history.h"
#include "exporter/schedule.h"
#include "sample_report.h"
#include "web/compress.h"

namespace bench {
namespace {

using exporter::Board;
using exporter::History;
using exporter::Homeserver;
using exporter::RenderBlock;
using exporter::RenderExposition;
using exporter::Settings;
using matrix_federation::SystemTime;

const SystemTime kNow{std::chrono::seconds{1'800'000'000}};

std::size_t AllocatedBytes() { return mallinfo2().uordblks; }

// What the daemon keeps of each homeserver between two probes.
struct Idle {
  explicit Idle(std::size_t count)
      : settings(std::make_shared<Settings>()),
        schedule(std::chrono::steady_clock::now()),
        histories(count) {
    std::vector<exporter::Row> rows;
    for (std::size_t i = 0; i < count; ++i) {
      rows.push_back(exporter::MakeRow({.server_name = SampleName(i), .group = "customers"}));
      const Homeserver& server = *rows.back().server;
      const auto report = SampleReport(i);
      exporter::Update(histories[i], report, kNow);
      rows.back().slot->Publish(RenderBlock({server, *settings, histories[i], &report, kNow}));
      schedule.Add(i, server.server_name, server.probe.interval, server.probe.failure_interval);
    }
    board.Replace(std::move(rows));
    schedule.Begin(std::chrono::steady_clock::now());
  }

  std::shared_ptr<Settings> settings;
  Board board;
  exporter::Schedule schedule;
  std::vector<History> histories;
};

const Idle& IdleServers(std::size_t count) {
  static std::map<std::size_t, std::unique_ptr<Idle>> cache;
  auto& idle = cache[count];
  if (!idle) idle = std::make_unique<Idle>(count);
  return *idle;
}

// The samples of our exposition, put into a registry one by one.
std::unique_ptr<prometheus::Registry> ToRegistry(const std::string& text) {
  auto registry = std::make_unique<prometheus::Registry>();
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t brace = line.find('{');
    const std::size_t end = line.rfind('}');
    const std::string name = line.substr(0, brace);
    auto& family = families[name];
    if (family == nullptr) {
      family = &prometheus::BuildGauge().Name(name).Help("Help.").Register(*registry);
    }
    prometheus::Labels labels;
    for (std::size_t at = brace + 1; at < end;) {
      const std::size_t equals = line.find("=\"", at);
      const std::size_t quote = line.find('"', equals + 2);
      labels[line.substr(at, equals - at)] = line.substr(equals + 2, quote - equals - 2);
      at = quote + 2;
    }
    family->Add(labels).Set(std::stod(line.substr(end + 2)));
  }
  return registry;
}

const prometheus::Registry& RegistryOf(std::size_t count) {
  static std::map<std::size_t, std::unique_ptr<prometheus::Registry>> cache;
  auto& registry = cache[count];
  if (!registry) registry = ToRegistry(RenderExposition(IdleServers(count).board, "", kNow));
  return *registry;
}

std::string GzipWithZlib(const std::string& text, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void Describe(benchmark::State& state, const std::string& body) {
  state.counters["body_MB"] = static_cast<double>(body.size()) / 1e6;
}

void ScrapeRegistry(benchmark::State& state) {
  const auto& registry = RegistryOf(static_cast<std::size_t>(state.range(0)));
  std::string body;
  for (auto _ : state) {
    body = prometheus::TextSerializer().Serialize(registry.Collect());
    benchmark::DoNotOptimize(body);
  }
  Describe(state, body);
}

// As the daemon does it: gathered into memory that it has, sent part by part through one buffer.
void ScrapeBlocks(benchmark::State& state) {
  const auto& idle = IdleServers(static_cast<std::size_t>(state.range(0)));
  const auto gathering = std::make_shared<exporter::Gathering>();
  std::size_t size = 0;
  for (auto _ : state) {
    size = 0;
    gathering->Gather(idle.board, kNow);
    exporter::Exposition exposition(gathering, exporter::Format::kText);
    for (auto part = exposition.Next(); !part.empty(); part = exposition.Next()) {
      benchmark::DoNotOptimize(part.data());
      size += part.size();
    }
  }
  state.counters["body_MB"] = static_cast<double>(size) / 1e6;
}

// Level 6 is what prometheus-cpp's own Exposer uses.
void ScrapeRegistryGzip(benchmark::State& state) {
  const auto& registry = RegistryOf(static_cast<std::size_t>(state.range(0)));
  std::string body;
  for (auto _ : state) {
    body = GzipWithZlib(prometheus::TextSerializer().Serialize(registry.Collect()), 6);
    benchmark::DoNotOptimize(body);
  }
  Describe(state, body);
}

void ScrapeBlocksGzip(benchmark::State& state) {
  const auto& idle = IdleServers(static_cast<std::size_t>(state.range(0)));
  const auto gathering = std::make_shared<exporter::Gathering>();
  std::size_t size = 0;
  for (auto _ : state) {
    size = 0;
    web::GzipWriter writer;
    std::string packed;
    gathering->Gather(idle.board, kNow);
    exporter::Exposition exposition(gathering, exporter::Format::kText);
    for (auto part = exposition.Next(); !part.empty(); part = exposition.Next()) {
      packed.clear();
      writer.Append(part, packed);
      size += packed.size();
    }
  }
  state.counters["body_MB"] = static_cast<double>(size) / 1e6;
}

// What compressing the body would cost if rendering it cost nothing: zlib at its fastest level.
void ZlibAlone(benchmark::State& state) {
  const auto& idle = IdleServers(static_cast<std::size_t>(state.range(0)));
  const std::string body = RenderExposition(idle.board, "", kNow);
  std::size_t size = 0;
  for (auto _ : state) size = GzipWithZlib(body, 1).size();
  state.counters["body_MB"] = static_cast<double>(size) / 1e6;
}

void RenderOneBlock(benchmark::State& state) {
  const Settings settings;
  const Homeserver server{.server_name = SampleName(1)};
  const auto report = SampleReport(1);
  History history;
  exporter::Update(history, report, kNow);
  for (auto _ : state) {
    benchmark::DoNotOptimize(RenderBlock({server, settings, history, &report, kNow}));
  }
}

void IdleMemory(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    const std::size_t before = AllocatedBytes();
    const Idle idle(count);
    const std::size_t bytes = AllocatedBytes() - before;
    state.counters["bytes_per_server"] = static_cast<double>(bytes) / static_cast<double>(count);
  }
}

BENCHMARK(ScrapeRegistry)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ScrapeBlocks)->Arg(1'000)->Arg(10'000)->Arg(50'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ScrapeRegistryGzip)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ScrapeBlocksGzip)->Arg(10'000)->Arg(50'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ZlibAlone)->Arg(10'000)->Arg(50'000)->Unit(benchmark::kMillisecond);
BENCHMARK(RenderOneBlock)->Unit(benchmark::kMicrosecond);
BENCHMARK(IdleMemory)->Arg(10'000)->Arg(50'000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bench
