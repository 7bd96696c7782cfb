#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace exporter {

/// Where something stands in a file.
struct Place {
  std::size_t order = 0;  // of the file, among those read together
  std::string_view file;
  int line = 0;  // both from 1
  int column = 0;

  /// "file:line:column: ".
  [[nodiscard]] std::string ToString() const;
};

/// What a reader of files has to say of places in them. Each sentence reads
/// `file:line:column: key: what`, without the key where there is none.
class PlacedSentences {
 public:
  void Add(const Place& place, std::string_view key, const std::string& what);
  [[nodiscard]] bool empty() const { return sentences_.empty(); }
  [[nodiscard]] std::size_t size() const { return sentences_.size(); }

  /// In the order of the files and of their lines. Leaves none behind.
  std::vector<std::string> Take();

 private:
  struct Sentence {
    std::tuple<std::size_t, int, int> order;
    std::string text;
  };
  std::vector<Sentence> sentences_;
};

}  // namespace exporter
