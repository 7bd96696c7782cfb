#include "exporter/board.h"

#include <algorithm>

#include "exporter/exposition_text.h"

namespace exporter {
namespace {

bool IsConfigured(std::size_t family) {
  const Freshness freshness = AllMetrics()[family].freshness;
  return freshness == Freshness::kConfigured || freshness == Freshness::kConfiguredSince;
}

// The configuration's families, or the probes'.
void Render(const ServerView& view, bool configured, Block& block) {
  // Rendered into a text that is kept, so that the block's own is allocated once at its size.
  thread_local std::string tails;
  tails.clear();
  Samples samples(tails);
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    const MetricDef& metric = AllMetrics()[family];
    if (IsConfigured(family) == configured) {
      samples.set_labels(metric.label_names());
      metric.derive(view, samples);
    }
    block.offsets.at(family + 1) = static_cast<std::uint32_t>(tails.size());
    const auto start = tails.begin() + block.offsets.at(family);
    block.lines.at(family) = static_cast<std::uint16_t>(std::count(start, tails.end(), '\n'));
  }
  block.tails = tails;
}

}  // namespace

BlockPointer RenderBlock(const ServerView& view) {
  auto block = boost::make_shared<Block>();
  Render(view, /*configured=*/false, *block);
  if (view.report != nullptr) block->stale_at = view.finished_at + view.server.probe.stale_after;
  return block;
}

std::shared_ptr<const ConfiguredBlock> RenderConfigured(const Homeserver& server) {
  static const Settings kNoSettings;
  static const History kNoHistory;
  auto block = std::make_shared<ConfiguredBlock>();
  AppendEscaped(server.server_name, block->server_name);
  block->server_name.push_back('"');
  Render({server, kNoSettings, kNoHistory, nullptr, {}}, /*configured=*/true, *block);
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

std::vector<Row> Board::Replace(std::vector<Row> rows) {
  ++replacements_;
  places_.clear();
  places_.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) places_.emplace(rows[i].server->server_name, i);
  return std::exchange(rows_, std::move(rows));
}

const Row* Board::Find(std::string_view server_name) const {
  const auto found = places_.find(server_name);
  return found == places_.end() ? nullptr : &rows_[found->second];
}

}  // namespace exporter
