#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace exporter::page {

/// Markup of the program itself: only a literal of its source becomes one.
class Markup {
 public:
  template <std::size_t kSize>
  consteval Markup(const char (&literal)[kSize])  // NOLINT(google-explicit-constructor)
      : text_(literal, kSize - 1) {}

  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

template <typename T>
concept PlainText = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

template <typename T>
concept Number = std::integral<T> && !std::same_as<T, char> && !std::same_as<T, bool>;

/// HTML while it is written. Literals are markup, strings are text: whatever a homeserver sends
/// arrives as a string, and there is no way to write one but escaped. Escaped text may also stand
/// in an attribute's value between double quotes.
class Html {
 public:
  Html& operator<<(Markup markup) {
    out_ += markup.text();
    return *this;
  }
  template <PlainText Text>
  Html& operator<<(const Text& text) {
    Escape(text);
    return *this;
  }
  template <Number Value>
  Html& operator<<(Value value) {
    out_ += std::to_string(value);
    return *this;
  }
  Html& operator<<(const Html& part) {
    out_ += part.out_;
    return *this;
  }

  void Reserve(std::size_t bytes) { out_.reserve(bytes); }
  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  void Escape(std::string_view text);

  std::string out_;
};

/// As one segment of a URL's path or one value of its query: all but letters, digits and "-._~" are
/// percent-encoded.
std::string PercentEncode(std::string_view text);

}  // namespace exporter::page
