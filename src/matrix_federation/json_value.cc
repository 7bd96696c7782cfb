#include "matrix_federation/json_value.h"

#include <nlohmann/json.hpp>

#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

// With the widest floating-point numbers there are: one beyond them ends the parser.
using Json = nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t,
                                  std::uint64_t, long double>;

// Builds the tree from nlohmann's events: its own tree would lose digits.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(std::string& error) : error_(error) {}

  bool null() override { return Put(JsonValue()); }
  bool boolean(bool value) override { return Put(JsonValue(value)); }
  bool number_integer(number_integer_t value) override {
    return Put(JsonValue(JsonValue::Number{std::to_string(value)}));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Put(JsonValue(JsonValue::Number{std::to_string(value)}));
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return Put(JsonValue(JsonValue::Number{text}));
  }
  bool string(string_t& value) override { return Put(JsonValue(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return false; }

  bool start_object(std::size_t /*elements*/) override { return Open(JsonValue::Object{}); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t /*elements*/) override { return Open(JsonValue::Array{}); }
  bool end_array() override { return Close(); }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    constexpr int kNumberOutOfRange = 406;
    error_ = error.id == kNumberOutOfRange
                 ? "a number at byte " + std::to_string(position) + " is beyond what programs read"
                 : "not JSON at byte " + std::to_string(position);
    return false;
  }

  JsonValue TakeRoot() { return std::move(root_); }

 private:
  JsonValue* Attach(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (auto* array = std::get_if<JsonValue::Array>(&open_.back()->variant())) {
      return &array->emplace_back(std::move(value));
    }
    JsonValue& member = std::get<JsonValue::Object>(open_.back()->variant())[key_];
    member = std::move(value);
    return &member;
  }

  bool Put(JsonValue value) {
    Attach(std::move(value));
    return true;
  }

  template <typename Container>
  bool Open(Container container) {
    if (open_.size() >= kJsonDepthMax) {
      error_ = "nested deeper than " + std::to_string(kJsonDepthMax) + " levels";
      return false;
    }
    // Stays valid while open: its parent receives nothing else until this one is closed.
    open_.push_back(Attach(JsonValue(std::move(container))));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  std::string& error_;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::string key_;
};

// What was sent in place of JSON, where its first bytes tell; empty otherwise.
std::string WhatItIsInstead(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "not JSON: it is empty";
  // The parser would skip a byte order mark; no Matrix implementation does (RFC 8259 section 8.1).
  if (text.starts_with("\xef\xbb\xbf")) return "not JSON: it begins with a byte order mark";
  if (text[first] == '<') return "not JSON but a web page or XML: it begins with '<'";
  if (text.starts_with("\x1f\x8b"))
    return "not JSON but compressed (gzip), which was not asked for";
  return {};
}

}  // namespace

std::optional<JsonValue> JsonValue::Parse(std::string_view text, std::string& error) {
  if (error = WhatItIsInstead(text); !error.empty()) return std::nullopt;
  // The parser would take a null character for the end of the text.
  if (const std::size_t null = text.find('\0'); null != std::string_view::npos) {
    error = "not JSON at byte " + std::to_string(null);
    return std::nullopt;
  }
  Builder builder(error);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return builder.TakeRoot();
}

const JsonValue* JsonValue::Find(const std::string& member) const {
  const Object* object = AsObject();
  if (object == nullptr) return nullptr;
  const auto found = object->find(member);
  return found == object->end() ? nullptr : &found->second;
}

}  // namespace matrix_federation
