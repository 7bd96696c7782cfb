#pragma once

#include <string>

#include "exporter/board.h"
#include "exporter/snapshot.h"
#include "unit/exporter/golden.h"
#include "unit/exporter/reports.h"

namespace exporter {

/// A board with the homeserver of reports.h and, behind it, one that was never probed.
class WatchedBoard {
 public:
  WatchedBoard() {
    Homeserver other;
    other.server_name = "other.example.com";
    board_.Replace({MakeRow(watched_.server), MakeRow(std::move(other))});
  }

  /// A probe has ended with this; every address serves `key_document` where it is given.
  void Probe(matrix_federation::Observation seen, const std::string& key_document = "") {
    for (auto& endpoint : seen.endpoints) {
      if (endpoint.keys) endpoint.keys->document = key_document;
    }
    const auto report = watched_.Take(std::move(seen));
    Publish(report, DetailsOf(report));
  }

  /// The same, with a report that was too large to be kept.
  void ProbeWithTooMuchToSay(matrix_federation::Observation seen) {
    Publish(watched_.Take(std::move(seen)), {});
  }

  [[nodiscard]] const Board& board() const { return board_; }
  [[nodiscard]] const Row& row() const { return board_.rows()[0]; }

 private:
  void Publish(const matrix_federation::Report& report, const Details& details) {
    row().slot->Publish(
        RenderBlock({watched_.server, watched_.settings, watched_.history, &report, kFinishedAt}),
        MakeSnapshot(Summarize(report), details, watched_.history));
    row().slot->set_next_due(kFinishedAt + std::chrono::minutes(5));
  }

  Watched watched_;
  Board board_;
};

/// A moment at which the results of these reports are stale.
inline constexpr matrix_federation::SystemTime kMuchLater = kFinishedAt + std::chrono::hours(2);

/// The whole body, given in parts or not.
inline std::string WholeBody(const web::Response& response) {
  std::string body = response.body ? *response.body : "";
  if (!response.next_part) return body;
  for (auto part = response.next_part(); !part.empty(); part = response.next_part()) body += part;
  return body;
}

/// The value of a field of a response; "" where there is none.
inline std::string FieldOf(const web::Response& response, const std::string& name) {
  for (const web::Field& field : response.fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

}  // namespace exporter
