#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace web {

/// A gzip member (RFC 1952) in the making, at the fastest level that is worth it. What is appended
/// at a time is compressed for itself, so that a copy can go on from the same place with something
/// else.
class GzipWriter {
 public:
  /// Appends the compressed form of `plain`. Throws std::bad_alloc.
  void Append(std::string_view plain, std::string& out);

  /// Appends the end; nothing may follow.
  void Finish(std::string& out) const;

 private:
  bool begun_ = false;
  std::uint32_t checksum_ = 0;
  std::uint32_t size_ = 0;  // modulo 2^32, as the format has it
};

/// The whole of `plain` as one gzip member: 40 MB of metrics take a few hundredths of a second and
/// shrink to less than a sixth. Throws std::bad_alloc.
std::string Gzip(std::string_view plain);

/// Small texts that resemble one another, packed and unpacked: what a text has in common with the
/// dictionary, its last 32 KiB, costs next to nothing. The form is for the process that made it.
class DictionaryPacker {
 public:
  explicit DictionaryPacker(std::string dictionary) : dictionary_(std::move(dictionary)) {}

  /// Throws std::bad_alloc. Any thread.
  [[nodiscard]] std::string Pack(std::string_view plain) const;

  /// Of what Pack returned. Any thread.
  [[nodiscard]] std::string Unpack(std::string_view packed) const;

 private:
  std::string dictionary_;
};

/// The plain text of one gzip member; nullopt when `packed` is anything else, or when the text is
/// longer than `max`.
std::optional<std::string> Gunzip(std::string_view packed, std::size_t max);

}  // namespace web
