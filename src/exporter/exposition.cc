#include "exporter/exposition.h"

#include <algorithm>
#include <cstring>

namespace exporter {
namespace {

// How many rows ahead a block is asked for, and as many before that what leads to it.
constexpr std::size_t kAhead = 6;
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kChunkSize = std::size_t{64} * 1024;

bool IsShown(Freshness freshness, bool probed, bool fresh) {
  switch (freshness) {
    case Freshness::kConfiguredSince: return probed;
    case Freshness::kWhileFresh: return fresh;
    case Freshness::kConfigured:
    case Freshness::kAlways: break;
  }
  return true;
}

void Prefetch(const void* memory, std::size_t size) {
  for (std::size_t i = 0; i < size; i += kCacheLine) {
    __builtin_prefetch(static_cast<const char*>(memory) + i);
  }
}

// Most texts are shorter than a step, and so are copied without a call or a branch that nobody can
// foresee. Up to a step more is read and written than the text has: both sides have room for that.
constexpr std::size_t kStep = 32;

char* Append(std::string_view text, char* to) {
  std::size_t done = 0;
  do {
    std::memcpy(to + done, text.data() + done, kStep);
    done += kStep;
  } while (done < text.size());
  return to + text.size();
}

}  // namespace

Exposition::Exposition(const Board& board, Format format, matrix_federation::SystemTime now,
                       std::size_t part_size)
    : format_(format), part_size_(part_size) {
  Gather(board.rows(), now);
}

void Exposition::Gather(const std::vector<Row>& rows, matrix_federation::SystemTime now) {
  std::array<BlockPointer, kAhead> results;  // of the next rows
  for (std::size_t i = 0; i < rows.size() + 2 * kAhead; ++i) {
    if (i < rows.size()) {
      Prefetch(rows[i].slot.get(), sizeof(ResultSlot));
      Prefetch(rows[i].configured.get(), sizeof(ConfiguredBlock));
    }
    BlockPointer& result = results.at(i % kAhead);
    if (i >= 2 * kAhead) GatherRow(*rows[i - 2 * kAhead].configured, *result, now);
    if (i >= kAhead && i - kAhead < rows.size()) {
      const Row& row = rows[i - kAhead];
      result = row.slot->Take();
      Prefetch(result->bytes.data(), result->bytes.size());
      Prefetch(row.configured->bytes.data(), row.configured->bytes.size());
    }
  }
  names_.append(kStep, '\0');
}

void Exposition::GatherRow(const ConfiguredBlock& configured, const Block& result,
                           matrix_federation::SystemTime now) {
  const std::size_t row = name_ends_.size();
  const bool probed = result.stale_at.has_value();
  const bool fresh = probed && now <= *result.stale_at;
  if (fresh) same_until_ = std::min(same_until_, *result.stale_at);
  GatherBlock(configured, row, probed, fresh);
  GatherBlock(result, row, probed, fresh);
  names_ += configured.server_name;
  name_ends_.push_back(names_.size());
}

std::string_view Exposition::NameOf(std::size_t row) const {
  const std::size_t begin = row == 0 ? 0 : name_ends_[row - 1];
  return {names_.data() + begin, name_ends_[row] - begin};
}

void Exposition::GatherBlock(const Block& block, std::size_t row, bool probed, bool fresh) {
  const char* at = block.bytes.data();
  while (*at != Block::kEnd) {
    const auto family = static_cast<unsigned char>(*at++);
    const std::size_t size = TakeNumber(at);
    if (IsShown(AllMetrics()[family].freshness, probed, fresh)) {
      GatherSamples(family, row, {at, size});
    }
    at += size;
  }
}

void Exposition::GatherSamples(std::size_t family, std::size_t row, std::string_view samples) {
  const std::array head = {static_cast<std::uint32_t>(row),
                           static_cast<std::uint32_t>(samples.size())};
  const std::size_t size = sizeof head + samples.size();
  auto& chunks = gathered_.at(family);
  if (chunks.empty() || chunks.back().capacity - chunks.back().size < size) {
    const std::size_t capacity = std::max(kChunkSize, size);
    chunks.push_back({std::make_unique_for_overwrite<char[]>(capacity + kStep), 0, capacity});
  }
  char* const to = chunks.back().bytes.get() + chunks.back().size;
  std::memcpy(to, head.data(), sizeof head);
  samples.copy(to + sizeof head, samples.size());
  chunks.back().size += size;
}

std::string_view Exposition::Next() {
  size_ = 0;
  while (family_ < kMetricCount) {
    auto& chunks = gathered_.at(family_);
    if (chunks.empty()) {
      ++family_;
      begun_ = false;
      continue;
    }
    if (!begun_) BeginFamily();
    WriteChunk(chunks.front());
    if (size_ >= part_size_) break;
    chunks.pop_front();
    next_ = 0;
  }
  return {part_.get(), size_};
}

void Exposition::BeginFamily() {
  const MetricDef& metric = AllMetrics()[family_];
  prefix_ = std::string(metric.name) + "{server_name=\"";
  prefix_size_ = prefix_.size();
  prefix_.append(kStep, '\0');
  std::string header;
  AppendHeader(metric.name, metric.type, metric.help, format_, header);
  Reserve(header.size());
  size_ += header.copy(part_.get() + size_, header.size());
  begun_ = true;
}

// What is left of it, or as much as fits.
void Exposition::WriteChunk(const Chunk& chunk) {
  while (next_ < chunk.size && size_ < part_size_) {
    std::array<std::uint32_t, 2> head{};
    std::memcpy(head.data(), chunk.bytes.get() + next_, sizeof head);
    const auto [row, size] = head;
    next_ += sizeof head;
    WriteSamples(NameOf(row), {chunk.bytes.get() + next_, size});
    next_ += size;
  }
}

void Exposition::WriteSamples(std::string_view name, std::string_view samples) {
  const std::string_view prefix(prefix_.data(), prefix_size_);
  const std::size_t more = prefix.size() + name.size() + sizeof(KnownLabels::Text);
  Reserve(samples.size() / kSampleMin * more + samples.size());
  char* to = part_.get() + size_;
  for (const char* at = samples.data(); at < samples.data() + samples.size();) {
    const Sample sample = TakeSample(at);
    to = Append(prefix, to);
    to = Append(name, to);
    to = Append(sample.labels, to);
    to = Append(sample.value, to);
    *to++ = '\n';
  }
  size_ = static_cast<std::size_t>(to - part_.get());
}

// Room for so many more bytes of the part, and a step.
void Exposition::Reserve(std::size_t more) {
  if (size_ + more + kStep <= capacity_) return;
  capacity_ = std::max(2 * capacity_, size_ + more + kStep);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
  if (size_ > 0) std::memcpy(larger.get(), part_.get(), size_);
  part_ = std::move(larger);
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
