#include "exporter/api/lookup.h"

#include <algorithm>
#include <vector>

#include "exporter/nearest_word.h"
#include "exporter/yaml_node.h"
#include "matrix_federation/limits.h"
#include "web/field_value.h"

namespace exporter {
namespace {

constexpr std::size_t kComparedMax = 1000;
// A slip is rarely at the very beginning, and of so many names some must be passed over.
constexpr std::size_t kSameBeginning = 2;

bool IsBelow(std::string_view name, std::string_view domain) {
  return name.size() > domain.size() && name[name.size() - domain.size() - 1] == '.' &&
         name.ends_with(domain);
}

bool BeginsAlike(std::string_view a, std::string_view b) {
  return web::EqualsIgnoringCase(a.substr(0, kSameBeginning), b.substr(0, kSameBeginning));
}

}  // namespace

std::string NearestHomeserver(const Board& board, std::string_view name) {
  if (name.empty() || name.size() > matrix_federation::kServerNameLengthMax) return {};
  std::vector<std::string_view> similar;
  std::string_view relative;
  for (const Row& row : board.rows()) {
    const std::string_view candidate = row.server->server_name;
    if (web::EqualsIgnoringCase(candidate, name)) return std::string(candidate);
    if (relative.empty() && (IsBelow(name, candidate) || IsBelow(candidate, name))) {
      relative = candidate;
    }
    if (similar.size() < kComparedMax && BeginsAlike(candidate, name)) similar.push_back(candidate);
  }
  return relative.empty() ? NearestWord(name, similar) : std::string(relative);
}

Absence WhyAbsent(const Board& board, std::string_view name) {
  const std::string quoted = Quote(std::string(name));
  const std::string elsewhere = board.others().WhereIs(name);
  if (!elsewhere.empty()) return {.sentence = quoted + " " + elsewhere, .nearest = {}};
  std::string nearest = NearestHomeserver(board, name);
  return {.sentence = quoted + " is not a configured homeserver" +
                      (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"),
          .nearest = std::move(nearest)};
}

}  // namespace exporter
