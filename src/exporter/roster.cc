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
  known.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    known.emplace(entries_[i].server->server_name, i);
  }
  std::vector<std::size_t> before(list.size(), kNone);  // the place in the present list
  std::vector<bool> stays(entries_.size(), false);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto found = known.find(list[i].server_name);
    if (found == known.end()) continue;
    before[i] = found->second;
    stays[found->second] = true;
  }

  RosterChange change;
  change.loops.resize(numbers_.size());
  // First, so that their numbers can be used again.
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!stays[i]) Remove(entries_[i], change);
  }
  std::vector<Entry> entries;
  entries.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (before[i] == kNone) {
      entries.push_back(Add(std::move(list[i]), change));
      continue;
    }
    entries.push_back(std::move(entries_[before[i]]));
    if (*entries.back().server != list[i]) Change(entries.back(), std::move(list[i]), change);
  }
  entries_ = std::move(entries);
  change.rows.reserve(entries_.size());
  for (const Entry& entry : entries_) change.rows.push_back(entry.row);
  return change;
}

void Roster::Remove(const Entry& entry, RosterChange& change) {
  change.loops[entry.loop].removed.push_back(entry.number);
  numbers_[entry.loop].free.push_back(entry.number);
  ++change.removed;
}

void Roster::Change(Entry& entry, Homeserver&& server, RosterChange& change) {
  entry.server = std::make_shared<const Homeserver>(std::move(server));
  entry.row.configured = RenderConfigured(*entry.server);
  change.loops[entry.loop].changed.push_back({entry.number, entry.server});
  ++change.changed;
}

Roster::Entry Roster::Add(Homeserver&& server, RosterChange& change) {
  const std::size_t loop = LoopOf(server.server_name, numbers_.size());
  const auto shared = std::make_shared<const Homeserver>(std::move(server));
  Entry entry{shared, {RenderConfigured(*shared)}, loop, TakeNumber(loop)};
  change.loops[loop].added.push_back(
      std::make_shared<Target>(Target{entry.number, entry.server, entry.row.slot, {}}));
  ++change.added;
  return entry;
}

std::size_t Roster::TakeNumber(std::size_t loop) {
  Numbers& numbers = numbers_[loop];
  if (numbers.free.empty()) return numbers.next++;
  const std::size_t number = numbers.free.back();
  numbers.free.pop_back();
  return number;
}

}  // namespace exporter
