#include "exporter/api/parameters.h"

#include <algorithm>
#include <charconv>

#include "exporter/nearest_word.h"
#include "exporter/yaml_node.h"
#include "web/query.h"

namespace exporter {
namespace {

constexpr std::size_t kNumberMax = 1'000'000'000;
// As long as a misspelled parameter may be.
constexpr std::size_t kComparedMax = 64;

std::string Unknown(const std::string& name, const std::vector<std::string_view>& known) {
  const std::string nearest = name.size() > kComparedMax ? "" : NearestWord(name, known);
  return "unknown parameter " + Quote(name) + "; " +
         (nearest.empty() ? "" : "did you mean '" + nearest + "'? ") +
         (known.empty() ? "this path takes none" : "known are: " + JoinWords(known));
}

}  // namespace

std::optional<Parameters> Parameters::Read(std::string_view query,
                                           std::initializer_list<std::string_view> known,
                                           std::string& error) {
  Parameters parameters;
  auto pairs = web::QueryParameters(query);
  if (!pairs) {
    error = "a parameter is badly encoded: '%' has to be followed by two hexadecimal digits";
    return std::nullopt;
  }
  for (auto& [name, value] : *pairs) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      error = Unknown(name, known);
      return std::nullopt;
    }
    if (parameters.Find(name) != nullptr) {
      error = "the parameter " + name + " stands there twice; give it once";
      return std::nullopt;
    }
    parameters.values_.emplace_back(std::move(name), std::move(value));
  }
  return parameters;
}

const std::string* Parameters::Find(std::string_view name) const {
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [&](const auto& each) { return each.first == name; });
  return found == values_.end() ? nullptr : &found->second;
}

std::optional<std::size_t> Parameters::Number(std::string_view name, std::size_t otherwise,
                                              std::string& error) const {
  const std::string* const text = Find(name);
  if (text == nullptr) return otherwise;
  std::size_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, fault] = std::from_chars(text->data(), end, number);
  if (fault == std::errc() && stop == end && number <= kNumberMax) return number;
  error = std::string(name) + " is " + Quote(*text) +
          "; a whole number from 0 to 1000000000 is allowed";
  return std::nullopt;
}

}  // namespace exporter
