#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace matrix_federation {

/// Writes compact JSON (RFC 8259) to the end of a text, value by value, without a tree in memory: a
/// report is written at the end of every probe. The caller opens and closes in order; commas come
/// by themselves.
///
///   JsonWriter json(out);
///   json.Object([&] {
///     json.Member("name", name);
///     json.Key("list");
///     json.Array([&] { for (const int each : list) json.Value(each); });
///   });
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  template <std::invocable Fill>
  void Object(Fill fill) {
    Nest('{', fill, '}');
  }
  template <std::invocable Fill>
  void Array(Fill fill) {
    Nest('[', fill, ']');
  }

  /// Of the value that comes next.
  void Key(std::string_view key);

  /// Text, as UTF-8: what is not becomes U+FFFD.
  void Value(std::string_view text);
  void Value(const char* text) { Value(std::string_view(text)); }
  void Value(bool value);
  /// Without exponent: these are seconds and small numbers. Not a number: null.
  void Value(double number);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void Value(T number) {
    Number(std::to_string(number));
  }
  void Value(std::nullptr_t /*null*/) { Number("null"); }
  /// null when there is none.
  template <typename T>
  void Value(const std::optional<T>& value) {
    value ? Value(*value) : Value(nullptr);
  }

  template <typename T>
  void Member(std::string_view key, const T& value) {
    Key(key);
    Value(value);
  }

  /// JSON from elsewhere, as it is.
  void Raw(std::string_view json) { Number(json); }

 private:
  template <typename Fill>
  void Nest(char open, Fill& fill, char close) {
    Separate();
    out_.push_back(open);
    comma_ = false;
    fill();
    out_.push_back(close);
    comma_ = true;
  }

  void Separate();
  void Number(std::string_view text);
  void Quoted(std::string_view text);

  std::string& out_;
  bool comma_ = false;  // before the next value
};

}  // namespace matrix_federation
