#include "exporter/exposition.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace exporter {
namespace {

// How many rows ahead their memory is asked for: blocks lie anywhere, and waiting for each of them
// in turn would be most of the work. Where a slice lies is read halfway.
constexpr std::size_t kAhead = 16;
constexpr std::size_t kCacheLine = 64;

char* Append(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

}  // namespace

Exposition::Exposition(const Board& board, Format format, matrix_federation::SystemTime now,
                       std::size_t part_size)
    : part_size_(part_size) {
  TakeRows(board, now);
  for (const MetricDef& metric : AllMetrics()) {
    Family& family = families_.emplace_back(
        Family{metric.freshness, {}, std::string(metric.name) + "{server_name=\""});
    AppendHeader(metric.name, metric.type, metric.help, format, family.header);
  }
  Measure();
}

void Exposition::TakeRows(const Board& board, matrix_federation::SystemTime now) {
  std::size_t names_size = 0;
  for (const Row& row : board.rows()) names_size += row.configured->server_name.size();
  names_.resize(names_size);
  char* name = names_.data();
  rows_.reserve(board.rows().size());
  for (const Row& row : board.rows()) {
    Shown& shown = rows_.emplace_back(Shown{row.configured, row.slot->Take()});
    shown.name = {name, row.configured->server_name.size()};
    name = Append(row.configured->server_name, name);
    const auto& stale_at = shown.result->stale_at;
    shown.probed = stale_at.has_value();
    shown.fresh = stale_at && now <= *stale_at;
    if (shown.fresh) same_until_ = std::min(same_until_, *stale_at);
  }
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
  return block->slice(family).size() +
         block->lines[family] * (families_[family].prefix.size() + row.name.size());
}

void Exposition::Measure() {
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    PrefetchBlock(row + kAhead, 0, families_.size());
    for (std::size_t family = 0; family < families_.size(); ++family) {
      families_[family].size += SizeOf(rows_[row], family);
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
    to = Append(row.name, to);
    to = Append(tails.substr(0, end), to);
    tails.remove_prefix(end);
  }
  return to;
}

// Of the probes' block: the configuration's families are few and small.
void Exposition::PrefetchBlock(std::size_t row, std::size_t begin, std::size_t end) const {
  if (row >= rows_.size()) return;
  const Block& block = *rows_[row].result;
  __builtin_prefetch(&block);
  for (std::size_t i = begin; i <= end; i += kCacheLine / sizeof block.offsets[0]) {
    __builtin_prefetch(block.offsets.data() + i);
  }
  for (std::size_t i = begin; i < end; i += kCacheLine / sizeof block.lines[0]) {
    __builtin_prefetch(block.lines.data() + i);
  }
}

void Exposition::PrefetchSlices(std::size_t row, std::size_t begin, std::size_t end) const {
  if (row >= rows_.size()) return;
  const Block& block = *rows_[row].result;
  for (std::size_t at = block.offsets[begin]; at < block.offsets[end]; at += kCacheLine) {
    __builtin_prefetch(block.tails.data() + at);
  }
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
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    PrefetchBlock(row + kAhead, next_family_, end);
    PrefetchSlices(row + kAhead / 2, next_family_, end);
    for (std::size_t i = next_family_; i < end; ++i) cursors[i] = Write(rows_[row], i, cursors[i]);
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
    PrefetchBlock(end + kAhead, next_family_, next_family_ + 1);
    const std::size_t more = SizeOf(rows_[end], next_family_);
    // Never before a row that shows nothing: a part would be empty, which is the end.
    if (end > next_row_ && more > 0 && size + more > part_size_) break;
    size += more;
    ++end;
  }
  char* at = Append(header, Reserve(size));
  for (std::size_t row = next_row_; row < end; ++row) {
    PrefetchBlock(row + kAhead, next_family_, next_family_ + 1);
    PrefetchSlices(row + kAhead / 2, next_family_, next_family_ + 1);
    at = Write(rows_[row], next_family_, at);
  }
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
