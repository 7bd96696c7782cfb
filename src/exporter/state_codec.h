#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/certificate.h"

namespace exporter {

// Encoder and decoder have the same calls, so that one list of members serves both: numbers are
// little-endian, a text has its length before it, a list its count.

/// Appends values to `out`.
class StateEncoder {
 public:
  explicit StateEncoder(std::string& out) : out_(out) {}

  template <std::unsigned_integral T>
  void operator()(const T& number) {
    auto rest = static_cast<std::uint64_t>(number);
    for (std::size_t i = 0; i < sizeof(T); ++i, rest >>= 8) {
      out_.push_back(static_cast<char>(rest & 0xff));
    }
  }
  void operator()(std::string_view text) {
    (*this)(static_cast<std::uint32_t>(text.size()));
    out_ += text;
  }
  template <typename Length>
  void operator()(const std::chrono::sys_time<Length>& time) {
    (*this)(static_cast<std::uint64_t>(time.time_since_epoch().count()));
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    (*this)(static_cast<std::uint8_t>(value ? 1 : 0));
    if (value) (*this)(*value);
  }
  /// At most `max` elements; what is beyond is left out.
  template <typename T, typename Each>
  void List(const std::vector<T>& list, std::size_t max, Each each) {
    const std::size_t count = std::min(list.size(), max);
    (*this)(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) each(list[i]);
  }

 private:
  std::string& out_;
};

/// Takes values from the front of `bytes`, which may be anything. After the first one that is wrong
/// or missing, ok() is false and every further value is empty.
class StateDecoder {
 public:
  explicit StateDecoder(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  void Fail();

  template <std::unsigned_integral T>
  void operator()(T& number) {
    const std::string_view bytes = Take(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    number = static_cast<T>(value);
  }
  void operator()(bool& value);
  void operator()(std::string_view& text);
  void operator()(std::string& text);
  void operator()(matrix_federation::SystemTime& time);
  void operator()(matrix_federation::SystemSeconds& time);
  template <typename T>
  void operator()(std::optional<T>& value) {
    bool present = false;
    (*this)(present);
    value.reset();
    if (present) (*this)(value.emplace());
  }
  /// More than `max` elements are wrong.
  template <typename T, typename Each>
  void List(std::vector<T>& list, std::size_t max, Each each) {
    std::uint32_t count = 0;
    (*this)(count);
    list.clear();
    if (count > max) Fail();
    if (ok_) list.reserve(std::min<std::size_t>(count, rest_.size()));
    for (std::uint32_t i = 0; ok_ && i < count; ++i) each(list.emplace_back());
  }

 private:
  std::string_view Take(std::size_t count);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace exporter
