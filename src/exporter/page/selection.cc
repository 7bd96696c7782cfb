#include "exporter/page/selection.h"

#include <algorithm>
#include <limits>

namespace exporter::page {
namespace {

using matrix_federation::SystemTime;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return Lower(c); });
  return text;
}

bool Contains(std::string_view text, std::string_view lower_part) {
  return std::search(text.begin(), text.end(), lower_part.begin(), lower_part.end(),
                     [](char a, char b) { return Lower(a) == b; }) != text.end();
}

// What an order compares, worked out once for each.
struct Candidate {
  Entry entry;
  std::int64_t expiry = 0;
};

bool IsBefore(const Candidate& a, const Candidate& b, Order order) {
  if (order == Order::kUrgency && a.entry.state != b.entry.state) {
    return a.entry.state < b.entry.state;
  }
  if (order != Order::kName && a.expiry != b.expiry) return a.expiry < b.expiry;
  return a.entry.name() < b.entry.name();
}

std::int64_t ExpiryOf(const Entry& entry) {
  const auto expiry = FirstExpiry(entry);
  return expiry ? expiry->time_since_epoch().count() : std::numeric_limits<std::int64_t>::max();
}

// Puts the candidates of the page in order, and those before it before it.
void SortUntil(std::vector<Candidate>& candidates, std::size_t begin, std::size_t end,
               Order order) {
  const auto before = [order](const Candidate& a, const Candidate& b) {
    return IsBefore(a, b, order);
  };
  const auto at = [&](std::size_t i) {
    return candidates.begin() + static_cast<std::ptrdiff_t>(i);
  };
  if (begin < candidates.size()) {
    std::nth_element(candidates.begin(), at(begin), candidates.end(), before);
  }
  std::partial_sort(at(begin), at(end), candidates.end(), before);
}

void TakePage(std::vector<Candidate> candidates, const ListQuery& query, Selection& selection) {
  selection.chosen = candidates.size();
  selection.pages = std::max<std::size_t>(1, (candidates.size() + kPageSize - 1) / kPageSize);
  selection.page = std::min(query.page, selection.pages);
  const std::size_t begin = (selection.page - 1) * kPageSize;
  const std::size_t end = std::min(begin + kPageSize, candidates.size());
  SortUntil(candidates, begin, end, query.order);
  for (std::size_t i = begin; i < end; ++i) {
    selection.entries.push_back(std::move(candidates[i].entry));
  }
}

}  // namespace

Selection Select(const std::vector<Row>& rows, const ListQuery& query, SystemTime now) {
  Selection selection;
  std::vector<Candidate> candidates;
  candidates.reserve(rows.size());
  const std::string search = Lower(query.search);
  for (const Row& row : rows) {
    Entry entry = MakeEntry(row, now);
    ++CountOf(selection.all, entry.state);
    selection.groups.emplace(entry.group());
    if (query.group && *query.group != entry.group()) continue;
    if (!Contains(entry.name(), search) && !Contains(entry.group(), search)) continue;
    ++CountOf(selection.matched, entry.state);
    if (query.state && *query.state != entry.state) continue;
    const std::int64_t expiry = ExpiryOf(entry);
    candidates.push_back({std::move(entry), expiry});
  }
  TakePage(std::move(candidates), query, selection);
  return selection;
}

std::optional<matrix_federation::SystemSeconds> FirstExpiry(const Entry& entry) {
  std::optional<matrix_federation::SystemSeconds> first;
  if (!entry.snapshot) return first;
  for (const auto& lifetime : entry.snapshot->summary.certificates) {
    if (lifetime && (!first || lifetime->not_after < *first)) first = lifetime->not_after;
  }
  return first;
}

}  // namespace exporter::page
