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

bool IsConfigured(std::size_t family) {
  const Freshness freshness = AllMetrics()[family].freshness;
  return freshness == Freshness::kConfigured || freshness == Freshness::kConfiguredSince;
}

// A row at one moment.
class Shown {
 public:
  Shown(const Row& row, matrix_federation::SystemTime now)
      : row_(row),
        result_(row.slot->Take()),
        fresh_(result_->stale_at && now <= *result_->stale_at) {}

  [[nodiscard]] std::string_view server_name() const { return row_.configured->server_name; }

  // What the row shows of a family; nullptr when it is not its time.
  [[nodiscard]] const Block* BlockOf(std::size_t family) const {
    switch (AllMetrics()[family].freshness) {
      case Freshness::kConfigured: return row_.configured.get();
      case Freshness::kConfiguredSince: return result_->stale_at ? row_.configured.get() : nullptr;
      case Freshness::kAlways: return result_.get();
      case Freshness::kWhileFresh: break;
    }
    return fresh_ ? result_.get() : nullptr;
  }

 private:
  const Row& row_;
  BlockPointer result_;
  bool fresh_;
};

std::vector<Shown> Take(const Board& board, matrix_federation::SystemTime now) {
  std::vector<Shown> rows;
  rows.reserve(board.rows().size());
  for (const Row& row : board.rows()) rows.emplace_back(row, now);
  return rows;
}

// A body in the making: its families stand one behind the other, and each has a cursor of its own,
// so that every row is visited once and not once for each family.
class Body {
 public:
  Body(const std::vector<Shown>& rows, std::string_view further) : rows_(rows) {
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
    for (const Shown& row : rows_) {
      for (std::size_t family = 0; family < kMetricCount; ++family) {
        if (const Block* block = row.BlockOf(family)) WriteSlice(family, row, *block);
      }
    }
    return std::move(text_);
  }

 private:
  [[nodiscard]] std::array<std::size_t, kMetricCount> FamilySizes() const {
    std::array<std::size_t, kMetricCount> sizes{};
    for (const Shown& row : rows_) {
      for (std::size_t family = 0; family < kMetricCount; ++family) {
        const Block* block = row.BlockOf(family);
        if (block == nullptr) continue;
        sizes[family] +=
            block->offsets[family + 1] - block->offsets[family] +
            block->lines[family] * (prefixes_[family].size() + row.server_name().size());
      }
    }
    return sizes;
  }

  void WriteSlice(std::size_t family, const Shown& row, const Block& block) {
    std::string_view tails = block.slice(family);
    char* at = cursors_[family];
    while (!tails.empty()) {
      const std::size_t end = tails.find('\n') + 1;
      at = Write(prefixes_[family], at);
      at = Write(row.server_name(), at);
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

  const std::vector<Shown>& rows_;
  const std::array<std::string, kMetricCount> prefixes_ = Prefixes();
  std::array<char*, kMetricCount> cursors_{};
  std::string text_;
};

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

ResultSlot::ResultSlot() {
  // The same for all: it names nobody.
  static const BlockPointer kNeverProbed =
      RenderBlock({Homeserver(), Settings(), History(), nullptr, {}});
  Publish(kNeverProbed);
}

std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now) {
  const auto rows = Take(board, now);
  return Body(rows, further).Render();
}

}  // namespace exporter
