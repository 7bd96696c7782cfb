#include "exporter/page/list_query.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "exporter/nearest_word.h"
#include "web/query.h"

namespace exporter::page {
namespace {

constexpr std::size_t kPageMax = 1'000'000;

std::string List(const std::vector<std::string_view>& words) {
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string(word);
  return list;
}

// The value of those that has this word; one of their words, or else a sentence that says so.
template <typename Values>
auto Choose(std::string_view name, const std::string& word, const Values& values,
            std::string& mistake) {
  std::optional<typename Values::value_type> chosen;
  std::vector<std::string_view> words;
  for (const auto value : values) {
    words.push_back(Word(value));
    if (word == words.back()) chosen = value;
  }
  if (!chosen) {
    mistake =
        "There is no " + std::string(name) + " “" + word + "”; there are " + List(words) + ".";
  }
  return chosen;
}

void SetSearch(ListQuery& query, const std::string& value, std::string& /*mistake*/) {
  query.search = value;
}
void SetState(ListQuery& query, const std::string& value, std::string& mistake) {
  query.state = Choose("state", value, kStates, mistake);
}
void SetGroup(ListQuery& query, const std::string& value, std::string& /*mistake*/) {
  query.group = value;
}
void SetOrder(ListQuery& query, const std::string& value, std::string& mistake) {
  query.order = Choose("sort", value, kOrders, mistake).value_or(Order::kUrgency);
}
void SetPage(ListQuery& query, const std::string& value, std::string& mistake) {
  std::size_t page = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, page);
  if (error != std::errc{} || rest != end || page < 1 || page > kPageMax) {
    mistake = "“" + value + "” is no page: pages are numbers from 1.";
    return;
  }
  query.page = page;
}

struct Parameter {
  std::string_view name;
  void (*set)(ListQuery& query, const std::string& value, std::string& mistake);
};

constexpr std::array kParameters = {Parameter{"q", SetSearch}, Parameter{"state", SetState},
                                    Parameter{"group", SetGroup}, Parameter{"sort", SetOrder},
                                    Parameter{"page", SetPage}};

std::string Unknown(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Parameter& parameter : kParameters) known.push_back(parameter.name);
  const std::string nearest = NearestWord(name.substr(0, 32), known);
  return "There is no parameter “" + name + "”; there are " + List(known) +
         (nearest.empty() ? "." : ": was " + nearest + " meant?");
}

void Take(std::string_view pair, ParsedListQuery& parsed) {
  const std::string name(pair.substr(0, pair.find('=')));
  const auto* const parameter =
      std::find_if(kParameters.begin(), kParameters.end(),
                   [&](const Parameter& each) { return each.name == name; });
  if (parameter == kParameters.end()) {
    parsed.mistake = Unknown(name);
    return;
  }
  const auto value = web::QueryValue(pair, name);
  if (!value) {
    parsed.mistake = "The value of “" + name + "” is badly encoded.";
  } else if (!value->empty()) {
    parameter->set(parsed.query, *value, parsed.mistake);
  }
}

}  // namespace

std::string_view Word(Order order) {
  switch (order) {
    case Order::kCertificate: return "certificate";
    case Order::kName: return "name";
    case Order::kUrgency: break;
  }
  return "urgency";
}

std::string ListQuery::Link() const {
  std::string link;
  const auto add = [&](std::string_view name, std::string_view value) {
    link += (link.empty() ? "?" : "&") + std::string(name) + "=" + PercentEncode(value);
  };
  if (!search.empty()) add("q", search);
  if (state) add("state", Word(*state));
  if (group) add("group", *group);
  if (order != Order::kUrgency) add("sort", Word(order));
  if (page != 1) add("page", std::to_string(page));
  return link.empty() ? "./" : link;
}

ParsedListQuery ParseListQuery(std::string_view text) {
  ParsedListQuery parsed;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    if (!pair.empty()) Take(pair, parsed);
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
  }
  return parsed;
}

}  // namespace exporter::page
