#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "exporter/board.h"
#include "exporter/history.h"
#include "exporter/settings.h"

namespace exporter {

/// A homeserver as its probe loop knows it, from the reload that added it to the one that removes
/// it. The loop's, once it has been told of it.
struct Target {
  std::size_t number;  // the loop's own; free for others after the removal
  std::shared_ptr<const Homeserver> server;
  std::shared_ptr<ResultSlot> slot;
  History history;
};

/// What a reload changes for one probe loop, to be done in this order.
struct LoopChange {
  struct Changed {
    std::size_t number;
    std::shared_ptr<const Homeserver> server;
  };

  std::vector<std::size_t> removed;
  std::vector<Changed> changed;
  std::vector<std::shared_ptr<Target>> added;

  std::vector<std::shared_ptr<Target>> left_over;  // filled by the loop: the targets removed
};

/// What a reload changes at all.
struct RosterChange {
  std::vector<LoopChange> loops;
  std::vector<Row> rows;  // of the whole new list
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t changed = 0;
};

/// Who is watched, by which probe loop and under which number. Finds out what a new list of
/// homeservers changes, in time that is linear in their number. Pure.
class Roster {
 public:
  /// A homeserver belongs to the same loop for as long as their number does not change.
  explicit Roster(std::size_t loops) : numbers_(loops) {}

  /// Puts another list in the place of the present one. Names are distinct.
  RosterChange Replace(std::vector<Homeserver> list);

 private:
  struct Numbers {
    std::vector<std::size_t> free;
    std::size_t next = 0;
  };

  void Remove(const Row& row, RosterChange& change);
  static void Change(Row& row, Homeserver&& server, RosterChange& change);
  Row Add(Homeserver&& server, RosterChange& change);
  std::size_t TakeNumber(std::size_t loop);

  std::vector<Row> rows_;
  std::vector<Numbers> numbers_;  // of each loop
};

}  // namespace exporter
