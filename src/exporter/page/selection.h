#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/page/entry.h"
#include "exporter/page/list_query.h"
#include "exporter/page/tally.h"

namespace exporter::page {

inline constexpr std::size_t kPageSize = 200;

/// What a list page shows of all homeservers: ten thousand are chosen and put in order in
/// milliseconds, and only a page of them is written.
struct Selection {
  Tally all{};      // of all homeservers
  Tally matched{};  // of those that match search and group, whatever their state
  std::set<std::string_view, std::less<>> groups;  // that there are; valid as long as the rows
  std::size_t chosen = 0;                          // how many match, with the state
  std::size_t page = 1;                            // the last one, where fewer pages are there
  std::size_t pages = 1;
  std::vector<Entry> entries;  // of the page, in order
};

Selection Select(const std::vector<Row>& rows, const ListQuery& query,
                 matrix_federation::SystemTime now);

/// The end of the certificate that ends first, wherever it was seen; none when none was.
std::optional<matrix_federation::SystemSeconds> FirstExpiry(const Entry& entry);

}  // namespace exporter::page
