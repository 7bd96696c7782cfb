#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace matrix_federation {

/// A JSON text in memory that keeps every digit of every number: a signature is over the digits
/// (Matrix appendices, "Canonical JSON"), so nothing may pass through a double. Of repeated members
/// the last one counts, as in Python and Go. Plain data.
class JsonValue {
 public:
  struct Number {
    std::string text;  // as it stands in the document
  };
  using Array = std::vector<JsonValue>;
  using Object = std::map<std::string, JsonValue>;  // byte order = Unicode code point order
  using Variant = std::variant<std::nullptr_t, bool, Number, std::string, Array, Object>;

  JsonValue() = default;
  explicit JsonValue(Variant value) : value_(std::move(value)) {}

  /// One JSON text in valid UTF-8, without a byte order mark, nested at most kJsonDepthMax deep;
  /// nothing but white space may follow it. nullopt otherwise, with a sentence in `error`.
  static std::optional<JsonValue> Parse(std::string_view text, std::string& error);

  [[nodiscard]] const Variant& variant() const { return value_; }
  [[nodiscard]] Variant& variant() { return value_; }

  // The alternative asked for, or nullptr.
  [[nodiscard]] const std::string* AsString() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Object* AsObject() const { return std::get_if<Object>(&value_); }
  [[nodiscard]] const Number* AsNumber() const { return std::get_if<Number>(&value_); }

  /// The member of an object, or nullptr when this is no object or has no such member.
  [[nodiscard]] const JsonValue* Find(const std::string& member) const;

 private:
  Variant value_;
};

}  // namespace matrix_federation
