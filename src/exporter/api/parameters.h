#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exporter {

/// The parameters of a request, read strictly: nothing is guessed.
class Parameters {
 public:
  /// nullopt, with a sentence in `error`, when one of them is not in `known`, stands there twice or
  /// is badly encoded.
  static std::optional<Parameters> Read(std::string_view query,
                                        std::initializer_list<std::string_view> known,
                                        std::string& error);

  /// nullptr when it was not given.
  [[nodiscard]] const std::string* Find(std::string_view name) const;

  /// A number from 0 to 1,000,000,000, or `otherwise` when it was not given; nullopt, with a
  /// sentence in `error`, when it is something else.
  [[nodiscard]] std::optional<std::size_t> Number(std::string_view name, std::size_t otherwise,
                                                  std::string& error) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace exporter
