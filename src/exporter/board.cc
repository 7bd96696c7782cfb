#include "exporter/board.h"

#include "exporter/exposition_text.h"

namespace exporter {

std::shared_ptr<const Block> RenderBlock(const ServerView& view) {
  auto block = std::make_shared<Block>();
  std::string server_name;
  AppendEscaped(view.server.server_name, server_name);
  // Rendered into a text that is kept, so that the block's own is allocated once at its size.
  thread_local std::string text;
  text.clear();
  Samples samples(text, server_name);
  std::size_t family = 0;
  for (const MetricDef& metric : AllMetrics()) {
    samples.set_family(metric.name, metric.label_names());
    metric.derive(view, samples);
    block->offsets.at(++family) = static_cast<std::uint32_t>(text.size());
  }
  block->text = text;
  if (view.report != nullptr) block->stale_at = view.finished_at + view.server.probe.stale_after;
  return block;
}

std::vector<std::shared_ptr<const Block>> Board::Take() const {
  std::vector<std::shared_ptr<const Block>> blocks;
  blocks.reserve(slots_.size());
  for (const auto& slot : slots_) {
    if (auto block = slot.load(std::memory_order_acquire)) blocks.push_back(std::move(block));
  }
  return blocks;
}

std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now) {
  const auto blocks = board.Take();
  std::vector<bool> stale;
  stale.reserve(blocks.size());
  std::size_t size = further.size() + kMetricCount * 256;
  for (const auto& block : blocks) {
    size += block->text.size();
    stale.push_back(block->stale_at && now > *block->stale_at);
  }
  std::string out;
  out.reserve(size);
  std::size_t family = 0;
  for (const MetricDef& metric : AllMetrics()) {
    const std::size_t start = out.size();
    AppendHeader(metric.name, metric.help, Word(metric.type), out);
    const std::size_t samples = out.size();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (metric.freshness == Freshness::kWhileFresh && stale[i]) continue;
      out += blocks[i]->slice(family);
    }
    if (out.size() == samples) out.resize(start);  // a family without samples needs no header
    ++family;
  }
  out += further;
  return out;
}

}  // namespace exporter
