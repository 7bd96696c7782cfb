#include "exporter/gathering.h"

#include <algorithm>
#include <cstring>

#include "exporter/wide_copy.h"

namespace exporter {
namespace {

// How many rows ahead a block is asked for, and as many before that what leads to it.
constexpr std::size_t kAhead = 6;
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kFamilyRoom = std::size_t{64} * 1024;  // of a family that has any

void Prefetch(const void* memory, std::size_t size) {
  for (std::size_t i = 0; i < size; i += kCacheLine) {
    __builtin_prefetch(static_cast<const char*>(memory) + i);
  }
}

bool IsShown(Freshness freshness, bool probed, bool fresh) {
  switch (freshness) {
    case Freshness::kConfiguredSince: return probed;
    case Freshness::kWhileFresh: return fresh;
    case Freshness::kConfigured:
    case Freshness::kAlways: break;
  }
  return true;
}

using Shown = std::array<bool, kMetricCount>;

// Looked up for every family of every block, so worked out once.
const Shown& ShownFamilies(bool probed, bool fresh) {
  static const auto kTables = [] {
    std::array<Shown, 4> tables{};
    for (std::size_t i = 0; i < tables.size() * kMetricCount; ++i) {
      const std::size_t table = i / kMetricCount;
      const std::size_t family = i % kMetricCount;
      tables[table][family] =
          IsShown(AllMetrics()[family].freshness, table % 2 == 1, table / 2 == 1);
    }
    return tables;
  }();
  return kTables[(fresh ? 2U : 0U) + (probed ? 1U : 0U)];
}

}  // namespace

void Gathering::Gather(const Board& board, matrix_federation::SystemTime now) {
  Clear();
  // Counted before the blocks are taken: what is published in between is gathered twice at most.
  moment_ = {ResultSlot::publications(), board.replacements(), now,
             matrix_federation::SystemTime::max()};
  const std::vector<Row>& rows = board.rows();
  std::array<BlockPointer, kAhead> results;  // of the next rows
  for (std::size_t i = 0; i < rows.size() + 2 * kAhead; ++i) {
    if (i < rows.size()) {
      Prefetch(rows[i].slot.get(), sizeof(ResultSlot));
      Prefetch(rows[i].configured.get(), sizeof(ConfiguredBlock));
    }
    BlockPointer& result = results.at(i % kAhead);
    if (i >= 2 * kAhead) AddRow(*rows[i - 2 * kAhead].configured, *result);
    if (i >= kAhead && i - kAhead < rows.size()) {
      const Row& row = rows[i - kAhead];
      result = row.slot->Take();
      Prefetch(result->bytes.data(), result->bytes.size());
      Prefetch(row.configured->bytes.data(), row.configured->bytes.size());
    }
  }
  names_.append(kWideStep, '\0');
}

void Gathering::Clear() {
  names_.clear();
  name_ends_.clear();
  for (Samples& family : families_) family.size = family.row = 0;
}

void Gathering::AddRow(const ConfiguredBlock& configured, const Block& result) {
  const std::size_t row = name_ends_.size();
  const bool probed = result.stale_at.has_value();
  const bool fresh = probed && moment_.from <= *result.stale_at;
  if (fresh) moment_.until = std::min(moment_.until, *result.stale_at);
  AddBlock(configured, row, probed, fresh);
  AddBlock(result, row, probed, fresh);
  names_ += configured.server_name;
  name_ends_.push_back(names_.size());
}

void Gathering::AddBlock(const Block& block, std::size_t row, bool probed, bool fresh) {
  const Shown& shown = ShownFamilies(probed, fresh);
  const char* at = block.bytes.data();
  while (*at != Block::kEnd) {
    const auto family = static_cast<unsigned char>(*at++);
    const std::size_t size = TakeNumber(at);
    if (shown[family]) families_[family].Add(row, {at, size});
    at += size;
  }
}

void Gathering::Samples::Add(std::size_t of_row, std::string_view samples) {
  const std::size_t most = samples.size() + 2 * kNumberRoom + kWideStep;
  if (capacity - size < most) Grow(most);
  char* to = PutNumber(of_row - row, bytes.get() + size);
  to = PutNumber(samples.size(), to);
  size = static_cast<std::size_t>(WideCopy(samples, to) - bytes.get());
  row = of_row;
}

void Gathering::Samples::Grow(std::size_t more) {
  capacity = std::max({kFamilyRoom, 2 * capacity, size + more});
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (size > 0) std::memcpy(larger.get(), bytes.get(), size);
  bytes = std::move(larger);
}

std::string_view Gathering::NameOf(std::size_t row) const {
  const std::size_t begin = row == 0 ? 0 : name_ends_[row - 1];
  return {names_.data() + begin, name_ends_[row] - begin};
}

bool Gathering::Moment::IsCurrent(const Board& board, matrix_federation::SystemTime now) const {
  return publications == ResultSlot::publications() && replacements == board.replacements() &&
         from <= now && now <= until;
}

void Gathering::Revoke() {
  *this = {};
  is_revoked_ = true;
}

std::size_t Gathering::bytes() const {
  std::size_t bytes = names_.capacity() + name_ends_.capacity() * sizeof name_ends_[0];
  for (const Samples& family : families_) bytes += family.size;
  return bytes;
}

std::shared_ptr<const Gathering> Gatherings::Take(matrix_federation::SystemTime now) {
  if (!all_.empty() && all_.back()->IsCurrent(board_, now)) return all_.back();
  std::shared_ptr<Gathering> next = TakeUnused();
  next->Gather(board_, now);
  all_.push_back(next);
  RevokeTheOldest();
  return next;
}

// One that no client holds any more, or a new one. What is left from another configuration is let
// go: it may have been much larger.
std::shared_ptr<Gathering> Gatherings::TakeUnused() {
  const auto is_held = [](const auto& gathering) { return gathering.use_count() > 1; };
  const auto unused = std::stable_partition(all_.begin(), all_.end(), is_held);
  std::shared_ptr<Gathering> next;
  if (unused != all_.end() && (*unused)->moment().replacements == board_.replacements()) {
    next = std::move(*unused);
  }
  all_.erase(unused, all_.end());
  return next ? next : std::make_shared<Gathering>();
}

void Gatherings::RevokeTheOldest() {
  std::size_t bytes = 0;
  auto first = all_.end();
  while (first != all_.begin() && bytes <= bytes_max_) bytes += (*--first)->bytes();
  // The one that went beyond, unless it is the newest, and all before it.
  if (bytes > bytes_max_ && first + 1 != all_.end()) ++first;
  std::for_each(all_.begin(), first, [](const auto& gathering) { gathering->Revoke(); });
  all_.erase(all_.begin(), first);
}

}  // namespace exporter
