#include "exporter/board.h"

#include "exporter/exposition_text.h"

namespace exporter {
namespace {

bool IsConfigured(std::size_t family) {
  const Freshness freshness = AllMetrics()[family].freshness;
  return freshness == Freshness::kConfigured || freshness == Freshness::kConfiguredSince;
}

// The bytes of a block of the configuration's families, or the probes'.
std::string Render(const ServerView& view, bool configured) {
  thread_local BlockWriter writer;
  Samples samples(writer);
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    if (IsConfigured(family) != configured) continue;
    samples.Begin(family);
    AllMetrics()[family].derive(view, samples);
  }
  return writer.Finish();
}

}  // namespace

BlockPointer RenderBlock(const ServerView& view) {
  auto block = boost::make_shared<Block>();
  block->bytes = Render(view, /*configured=*/false);
  if (view.report != nullptr) block->stale_at = view.finished_at + view.server.probe.stale_after;
  return block;
}

std::shared_ptr<const ConfiguredBlock> RenderConfigured(const Homeserver& server) {
  static const Settings kNoSettings;
  static const History kNoHistory;
  auto block = std::make_shared<ConfiguredBlock>();
  AppendEscaped(server.server_name, block->server_name);
  block->server_name.push_back('"');
  block->bytes = Render({server, kNoSettings, kNoHistory, nullptr, {}}, /*configured=*/true);
  return block;
}

std::atomic<std::uint64_t> ResultSlot::publications_{0};

ResultSlot::ResultSlot() {
  // The same for all: it names nobody.
  static const BlockPointer kNeverProbed =
      RenderBlock({Homeserver(), Settings(), History(), nullptr, {}});
  Publish(kNeverProbed);
}

Row MakeRow(Homeserver server) {
  const auto shared = std::make_shared<const Homeserver>(std::move(server));
  return {.configured = RenderConfigured(*shared), .server = shared};
}

std::vector<Row> Board::Replace(std::vector<Row> rows, OtherShards others) {
  ++replacements_;
  places_.clear();
  places_.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) places_.emplace(rows[i].server->server_name, i);
  others_ = std::move(others);
  return std::exchange(rows_, std::move(rows));
}

const Row* Board::Find(std::string_view server_name) const {
  const auto found = places_.find(server_name);
  return found == places_.end() ? nullptr : &rows_[found->second];
}

}  // namespace exporter
