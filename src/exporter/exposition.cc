#include "exporter/exposition.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "exporter/wide_copy.h"

namespace exporter {
Exposition::Exposition(std::shared_ptr<const Gathering> gathering, Format format,
                       std::size_t part_size)
    : gathering_(std::move(gathering)), format_(format), part_size_(part_size) {}

std::string_view Exposition::Next() {
  if (gathering_->is_revoked()) throw std::runtime_error("too slow: others need the memory");
  size_ = 0;
  while (family_ < kMetricCount && size_ < part_size_) {
    if (!begun_) BeginFamily();
    while (at_ < end_ && size_ < part_size_) WriteRow();
    if (at_ < end_) break;
    ++family_;
    begun_ = false;
  }
  return {part_.get(), size_};
}

void Exposition::BeginFamily() {
  begun_ = true;
  const std::string_view samples = gathering_->Family(family_);
  at_ = samples.data();
  end_ = at_ + samples.size();
  row_ = 0;
  if (samples.empty()) return;
  const MetricDef& metric = AllMetrics()[family_];
  prefix_ = std::string(metric.name) + "{server_name=\"";
  prefix_size_ = prefix_.size();
  prefix_.append(kWideStep, '\0');
  std::string header;
  AppendHeader(metric.name, metric.type, metric.help, format_, header);
  Reserve(header.size());
  size_ += header.copy(part_.get() + size_, header.size());
}

void Exposition::WriteRow() {
  row_ += TakeNumber(at_);
  const std::size_t size = TakeNumber(at_);
  WriteSamples(gathering_->NameOf(row_), {at_, size});
  at_ += size;
}

void Exposition::WriteSamples(std::string_view name, std::string_view samples) {
  const std::string_view prefix(prefix_.data(), prefix_size_);
  const std::size_t more = prefix.size() + name.size() + sizeof(KnownLabels::Text);
  Reserve(samples.size() / kSampleMin * more + samples.size());
  char* to = part_.get() + size_;
  for (const char* at = samples.data(); at < samples.data() + samples.size();) {
    const Sample sample = TakeSample(at);
    to = WideCopy(prefix, to);
    to = WideCopy(name, to);
    to = WideCopy(sample.labels, to);
    to = WideCopy(sample.value, to);
    *to++ = '\n';
  }
  size_ = static_cast<std::size_t>(to - part_.get());
}

// Room for so many more bytes of the part, and a step.
void Exposition::Reserve(std::size_t more) {
  if (size_ + more + kWideStep <= capacity_) return;
  capacity_ = std::max(2 * capacity_, size_ + more + kWideStep);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
  if (size_ > 0) std::memcpy(larger.get(), part_.get(), size_);
  part_ = std::move(larger);
}

std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now, Format format) {
  std::string out;
  const auto gathering = std::make_shared<Gathering>();
  gathering->Gather(board, now);
  Exposition exposition(gathering, format);
  for (auto part = exposition.Next(); !part.empty(); part = exposition.Next()) out += part;
  out += further;
  AppendEnd(format, out);
  return out;
}

}  // namespace exporter
