#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace exporter {

/// The label texts that samples of all homeservers have in common, as `,check="…"} `: each is kept
/// once, under a number, for as long as the program runs. Blocks hold the number. Only for labels
/// whose values are the program's own, so that no homeserver can fill it.
class KnownLabels {
 public:
  /// A cache line. All of it can be read, since no other thread writes to it any more.
  struct alignas(64) Text {
    char bytes[63];
    std::uint8_t size;
  };

  static constexpr std::size_t kCountMax = 1024;

  /// The number of a text, a new one if need be; nullopt when it is too long, or the list is full.
  /// Any thread.
  static std::optional<std::size_t> NumberOf(std::string_view text);

  /// The text of a number that NumberOf gave. Any thread that has it from there in an orderly way.
  static const Text& At(std::size_t number) { return texts_[number]; }

 private:
  // Never moved, so that reading needs no lock: a number gets about only after its text is written.
  static Text texts_[kCountMax];
};

}  // namespace exporter
