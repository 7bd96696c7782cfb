#include "web/accept.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "web/field_value.h"

namespace web {
namespace {

using Parameter = std::pair<std::string_view, std::string>;

struct MediaRange {
  std::string_view type;
  std::string_view subtype;
  std::vector<Parameter> parameters;
  int weight = kFullWeight;
};

// The value of a quoted string without its quotes; every other text as it is.
std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    value += text[i];
  }
  return value;
}

// One element of the list, or the media type of an offer; none when malformed.
std::optional<MediaRange> ParseRange(std::string_view element) {
  std::string_view subtype = TakeUntil(element, ';');
  MediaRange range;
  range.type = TakeUntil(subtype, '/');
  range.subtype = TrimField(subtype);
  if (range.type.empty() || range.subtype.empty()) return std::nullopt;
  if (range.type == "*" && range.subtype != "*") return std::nullopt;
  while (!element.empty()) {
    std::string_view value = TakeUntil(element, ';');
    const std::string_view name = TakeUntil(value, '=');
    if (EqualsIgnoringCase(name, "q")) {
      const auto weight = ParseQvalue(TrimField(value));
      if (!weight) return std::nullopt;
      range.weight = *weight;
    } else if (!name.empty()) {
      range.parameters.emplace_back(name, Unquote(TrimField(value)));
    }
  }
  return range;
}

std::vector<MediaRange> ParseAccept(std::string_view accept) {
  std::vector<MediaRange> ranges;
  while (!accept.empty()) {
    if (auto range = ParseRange(TakeUntil(accept, ','))) ranges.push_back(std::move(*range));
  }
  return ranges;
}

// How specific a range is that matches the offer: 0 for */*, more for type/*, and so on; none when
// it does not match.
std::optional<std::size_t> Match(const MediaRange& range, const MediaRange& offer) {
  const bool any_type = range.type == "*";
  const bool any_subtype = range.subtype == "*";
  if (!any_type && !EqualsIgnoringCase(range.type, offer.type)) return std::nullopt;
  if (!any_subtype && !EqualsIgnoringCase(range.subtype, offer.subtype)) return std::nullopt;
  std::size_t shared = 0;
  for (const auto& [name, value] : range.parameters) {
    for (const auto& [offered_name, offered_value] : offer.parameters) {
      if (!EqualsIgnoringCase(name, offered_name)) continue;
      if (!EqualsIgnoringCase(value, offered_value)) return std::nullopt;
      ++shared;
    }
  }
  return any_type ? 0 : any_subtype ? 1 : 2 + shared;
}

int WeightOf(const MediaRange& offer, const std::vector<MediaRange>& ranges) {
  std::pair<std::size_t, int> best{0, 0};  // how specific, then the weight
  for (const MediaRange& range : ranges) {
    const auto specific = Match(range, offer);
    if (specific) best = std::max(best, {*specific, range.weight});
  }
  return best.second;
}

}  // namespace

std::optional<std::size_t> BestMediaType(std::string_view accept,
                                         std::span<const std::string_view> offered) {
  if (offered.empty()) return std::nullopt;
  const std::vector<MediaRange> ranges = ParseAccept(accept);
  if (ranges.empty()) return 0;
  std::optional<std::size_t> best;
  int best_weight = 0;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const auto offer = ParseRange(offered[i]);
    const int weight = offer ? WeightOf(*offer, ranges) : 0;
    if (weight <= best_weight) continue;
    best = i;
    best_weight = weight;
  }
  return best;
}

}  // namespace web
