#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/exposition_text.h"
#include "exporter/gathering.h"

namespace exporter {

/// The homeservers' part of /metrics: every family of the catalogue with the samples that were
/// gathered. Rendered in parts, since all of it is large: 400 MB of 50,000 homeservers.
class Exposition {
 public:
  /// A part ends with the row that fills it up to `part_size` bytes.
  Exposition(std::shared_ptr<const Gathering> gathering, Format format,
             std::size_t part_size = kPartSize);

  /// The next part, which stays until the one after it; empty when there is none left. Throws when
  /// the gathering is revoked.
  [[nodiscard]] std::string_view Next();

  /// So that a part is still in the processor's cache when it is sent or compressed.
  static constexpr std::size_t kPartSize = std::size_t{256} * 1024;

 private:
  void BeginFamily();
  void WriteRow();
  void WriteSamples(std::string_view name, std::string_view samples);
  void Reserve(std::size_t more);

  std::shared_ptr<const Gathering> gathering_;
  Format format_;
  std::size_t part_size_;

  std::size_t family_ = 0;  // the one that is being written
  bool begun_ = false;      // whether its header is written
  std::string prefix_;      // what stands before the server's name in each of its samples, padded
  std::size_t prefix_size_ = 0;
  std::size_t row_ = 0;        // the last one that was written
  const char* at_ = nullptr;   // what follows it
  const char* end_ = nullptr;  // and where the family ends

  // Not a string: filling it with zeros would be as much work as the rendering.
  std::unique_ptr<char[]> part_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// The whole body of /metrics at once: the homeservers' part, `further` families and the end.
std::string RenderExposition(const Board& board, std::string_view further,
                             matrix_federation::SystemTime now, Format format = Format::kText);

}  // namespace exporter
