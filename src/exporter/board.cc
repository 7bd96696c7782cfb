#include "exporter/board.h"

#include <algorithm>

#include "exporter/exposition_text.h"

namespace exporter {
namespace {

// What stands before the server's name in every sample of a family.
std::string PrefixOf(const MetricDef& metric) {
  return std::string(metric.name) + "{server_name=\"";
}

char* Write(std::string_view text, char* to) { return std::copy(text.begin(), text.end(), to); }

// A body in the making: its families stand one behind the other, and each has a cursor of its own,
// so that every block is visited once and not once for each family.
class Body {
 public:
  Body(const std::vector<BlockPointer>& blocks, std::string_view further,
       matrix_federation::SystemTime now)
      : blocks_(blocks), now_(now) {
    std::size_t size = 0;
    std::array<std::string, kMetricCount> headers;
    const auto sizes = FamilySizes();
    for (std::size_t family = 0; family < kMetricCount; ++family) {
      // A family without samples needs no header.
      if (sizes.at(family) == 0) continue;
      const MetricDef& metric = AllMetrics()[family];
      AppendHeader(metric.name, metric.help, Word(metric.type), headers.at(family));
      size += headers.at(family).size() + sizes.at(family);
    }
    text_.resize(size + further.size());
    char* at = text_.data();
    for (std::size_t family = 0; family < kMetricCount; ++family) {
      cursors_.at(family) = Write(headers.at(family), at);
      at = cursors_.at(family) + sizes.at(family);
    }
    Write(further, at);
  }

  std::string Render() {
    for (const auto& block : blocks_) {
      const bool fresh = IsFresh(*block);
      for (std::size_t family = 0; family < kMetricCount; ++family) {
        if (IsShown(family, fresh)) WriteSlice(family, *block);
      }
    }
    return std::move(text_);
  }

 private:
  [[nodiscard]] bool IsFresh(const Block& block) const {
    return !block.stale_at || now_ <= *block.stale_at;
  }
  static bool IsShown(std::size_t family, bool fresh) {
    return fresh || AllMetrics()[family].freshness == Freshness::kAlways;
  }

  [[nodiscard]] std::array<std::size_t, kMetricCount> FamilySizes() const {
    std::array<std::size_t, kMetricCount> sizes{};
    for (const auto& block : blocks_) {
      const bool fresh = IsFresh(*block);
      for (std::size_t family = 0; family < kMetricCount; ++family) {
        if (!IsShown(family, fresh)) continue;
        sizes[family] +=
            block->offsets[family + 1] - block->offsets[family] +
            block->lines[family] * (prefixes_[family].size() + block->server_name.size());
      }
    }
    return sizes;
  }

  void WriteSlice(std::size_t family, const Block& block) {
    std::string_view tails = block.slice(family);
    char* at = cursors_[family];
    while (!tails.empty()) {
      const std::size_t end = tails.find('\n') + 1;
      at = Write(prefixes_[family], at);
      at = Write(block.server_name, at);
      at = Write(tails.substr(0, end), at);
      tails.remove_prefix(end);
    }
    cursors_[family] = at;
  }

  static std::array<std::string, kMetricCount> Prefixes() {
    std::array<std::string, kMetricCount> prefixes;
    std::transform(AllMetrics().begin(), AllMetrics().end(), prefixes.begin(), PrefixOf);
    return prefixes;
  }

  const std::vector<BlockPointer>& blocks_;
  matrix_federation::SystemTime now_;
  const std::array<std::string, kMetricCount> prefixes_ = Prefixes();
  std::array<char*, kMetricCount> cursors_{};
  std::string text_;
};

}  // namespace

BlockPointer RenderBlock(const ServerView& view) {
  auto block = boost::make_shared<Block>();
  AppendEscaped(view.server.server_name, block->server_name);
  block->server_name.push_back('"');
  // Rendered into a text that is kept, so that the block's own is allocated once at its size.
  thread_local std::string tails;
  tails.clear();
  Samples samples(tails);
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    const MetricDef& metric = AllMetrics()[family];
    samples.set_labels(metric.label_names());
    metric.derive(view, samples);
    block->offsets.at(family + 1) = static_cast<std::uint32_t>(tails.size());
    const auto start = tails.begin() + block->offsets.at(family);
    block->lines.at(family) = static_cast<std::uint16_t>(std::count(start, tails.end(), '\n'));
  }
  block->tails = tails;
  if (view.report != nullptr) block->stale_at = view.finished_at + view.server.probe.stale_after;
  return block;
}

std::vector<BlockPointer> Board::Take() const {
  std::vector<BlockPointer> blocks;
  blocks.reserve(slots_.size());
  for (const auto& slot : slots_) {
    if (auto block = slot.load()) blocks.push_back(std::move(block));
  }
  return blocks;
}

std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now) {
  const auto blocks = board.Take();
  return Body(blocks, further, now).Render();
}

}  // namespace exporter
