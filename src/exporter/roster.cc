#include "exporter/roster.h"

#include <unordered_map>

#include "exporter/name_hash.h"

namespace exporter {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Of other bits than those that tell a server's time within its interval.
std::size_t LoopOf(std::string_view server_name, std::size_t loops) {
  return static_cast<std::size_t>(NameHash(server_name) >> 32) % loops;
}

}  // namespace

RosterChange Roster::Replace(std::vector<Homeserver> list) {
  std::unordered_map<std::string_view, std::size_t> known;
  known.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    known.emplace(rows_[i].server->server_name, i);
  }
  std::vector<std::size_t> before(list.size(), kNone);  // the place in the present list
  std::vector<bool> stays(rows_.size(), false);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto found = known.find(list[i].server_name);
    if (found == known.end()) continue;
    before[i] = found->second;
    stays[found->second] = true;
  }

  RosterChange change;
  change.loops.resize(numbers_.size());
  // First, so that their numbers can be used again.
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!stays[i]) Remove(rows_[i], change);
  }
  std::vector<Row> rows;
  rows.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (before[i] == kNone) {
      rows.push_back(Add(std::move(list[i]), change));
      continue;
    }
    rows.push_back(std::move(rows_[before[i]]));
    if (*rows.back().server != list[i]) Change(rows.back(), std::move(list[i]), change);
  }
  rows_ = std::move(rows);
  change.rows = rows_;
  return change;
}

void Roster::Remove(const Row& row, RosterChange& change) {
  change.loops[row.loop].removed.push_back(row.number);
  numbers_[row.loop].free.push_back(row.number);
  ++change.removed;
}

void Roster::Change(Row& row, Homeserver&& server, RosterChange& change) {
  row.server = std::make_shared<const Homeserver>(std::move(server));
  row.configured = RenderConfigured(*row.server);
  change.loops[row.loop].changed.push_back({row.number, row.server});
  ++change.changed;
}

Row Roster::Add(Homeserver&& server, RosterChange& change) {
  const std::size_t loop = LoopOf(server.server_name, numbers_.size());
  Row row = MakeRow(std::move(server));
  row.loop = loop;
  row.number = TakeNumber(loop);
  change.loops[loop].added.push_back(
      std::make_shared<Target>(Target{row.number, row.server, row.slot, {}}));
  ++change.added;
  return row;
}

std::size_t Roster::TakeNumber(std::size_t loop) {
  Numbers& numbers = numbers_[loop];
  if (numbers.free.empty()) return numbers.next++;
  const std::size_t number = numbers.free.back();
  numbers.free.pop_back();
  return number;
}

}  // namespace exporter
