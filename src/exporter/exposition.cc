#include "exporter/exposition.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace exporter {
namespace {

char* Append(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

}  // namespace

Exposition::Exposition(const Board& board, Format format, matrix_federation::SystemTime now,
                       std::size_t part_size)
    : part_size_(part_size) {
  rows_.reserve(board.rows().size());
  for (const Row& row : board.rows()) {
    Shown& shown = rows_.emplace_back(Shown{row.configured, row.slot->Take(), false, false});
    const auto& stale_at = shown.result->stale_at;
    shown.probed = stale_at.has_value();
    shown.fresh = stale_at && now <= *stale_at;
    if (shown.fresh) same_until_ = std::min(same_until_, *stale_at);
  }
  for (const MetricDef& metric : AllMetrics()) {
    Family& family = families_.emplace_back(
        Family{metric.freshness, {}, std::string(metric.name) + "{server_name=\""});
    AppendHeader(metric.name, metric.type, metric.help, format, family.header);
  }
  Measure();
}

// What the row shows of a family; nullptr when it is not its time.
const Block* Exposition::BlockOf(const Shown& row, Freshness freshness) {
  switch (freshness) {
    case Freshness::kConfigured: return row.configured.get();
    case Freshness::kConfiguredSince: return row.probed ? row.configured.get() : nullptr;
    case Freshness::kAlways: return row.result.get();
    case Freshness::kWhileFresh: break;
  }
  return row.fresh ? row.result.get() : nullptr;
}

std::size_t Exposition::SizeOf(const Shown& row, std::size_t family) const {
  const Block* block = BlockOf(row, families_[family].freshness);
  if (block == nullptr) return 0;
  return block->slice(family).size() + block->lines[family] * (families_[family].prefix.size() +
                                                               row.configured->server_name.size());
}

void Exposition::Measure() {
  for (const Shown& row : rows_) {
    for (std::size_t family = 0; family < families_.size(); ++family) {
      families_[family].size += SizeOf(row, family);
    }
  }
}

char* Exposition::Write(const Shown& row, std::size_t family, char* to) const {
  const Block* block = BlockOf(row, families_[family].freshness);
  if (block == nullptr) return to;
  std::string_view tails = block->slice(family);
  while (!tails.empty()) {
    const std::size_t end = tails.find('\n') + 1;
    to = Append(families_[family].prefix, to);
    to = Append(row.configured->server_name, to);
    to = Append(tails.substr(0, end), to);
    tails.remove_prefix(end);
  }
  return to;
}

std::string_view Exposition::Next() {
  // A family without samples needs no header.
  while (next_family_ < families_.size() && families_[next_family_].size == 0) ++next_family_;
  if (next_family_ == families_.size()) return {};
  std::size_t end = next_family_;
  std::size_t size = 0;
  while (end < families_.size() && size + families_[end].size <= part_size_) {
    size += families_[end++].size;
  }
  return end == next_family_ ? RenderRows() : RenderFamilies(end);
}

char* Exposition::Reserve(std::size_t size) {
  if (size > capacity_) {
    part_.reset();
    part_ = std::make_unique_for_overwrite<char[]>(size);
    capacity_ = size;
  }
  return part_.get();
}

// The families up to `end`, whole.
std::string_view Exposition::RenderFamilies(std::size_t end) {
  std::size_t size = 0;
  for (std::size_t i = next_family_; i < end; ++i) {
    if (families_[i].size > 0) size += families_[i].header.size() + families_[i].size;
  }
  char* at = Reserve(size);
  std::array<char*, kMetricCount> cursors{};
  for (std::size_t i = next_family_; i < end; ++i) {
    if (families_[i].size == 0) continue;
    cursors.at(i) = Append(families_[i].header, at);
    at = cursors.at(i) + families_[i].size;
  }
  for (const Shown& row : rows_) {
    for (std::size_t i = next_family_; i < end; ++i) cursors[i] = Write(row, i, cursors[i]);
  }
  next_family_ = end;
  return {part_.get(), size};
}

// Of a family that is too large for a part: as many rows as fit, at least one.
std::string_view Exposition::RenderRows() {
  const std::string_view header =
      next_row_ == 0 ? std::string_view(families_[next_family_].header) : std::string_view();
  std::size_t size = header.size();
  std::size_t end = next_row_;
  while (end < rows_.size()) {
    const std::size_t more = SizeOf(rows_[end], next_family_);
    // Never before a row that shows nothing: a part would be empty, which is the end.
    if (end > next_row_ && more > 0 && size + more > part_size_) break;
    size += more;
    ++end;
  }
  char* at = Append(header, Reserve(size));
  for (std::size_t i = next_row_; i < end; ++i) at = Write(rows_[i], next_family_, at);
  next_row_ = end;
  if (end == rows_.size()) {
    next_row_ = 0;
    ++next_family_;
  }
  return {part_.get(), size};
}

std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now, Format format) {
  std::string out;
  Exposition exposition(board, format, now);
  for (auto part = exposition.Next(); !part.empty(); part = exposition.Next()) out += part;
  out += further;
  AppendEnd(format, out);
  return out;
}

}  // namespace exporter
