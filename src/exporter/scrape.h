#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "exporter/board.h"
#include "exporter/exposition_text.h"
#include "exporter/gathering.h"
#include "exporter/instruments.h"
#include "web/compress.h"
#include "web/server.h"

namespace exporter {

/// Answers /metrics: rendered part by part while it is sent, so that neither memory nor the event
/// loop has to hold all of it at once, and compressed where the client accepts that.
///
/// The compressed part of the homeservers is kept. Who asks before any of them changed, or grew
/// stale, gets the same again: two Prometheis cost one rendering. The exporter's own part is always
/// rendered anew.
class Scrape {
 public:
  Scrape(const Board& board, const Instruments& instruments)
      : board_(board), instruments_(instruments), gatherings_(board) {}

  [[nodiscard]] web::Response Answer(const web::Request& request,
                                     matrix_federation::SystemTime now);

  /// How often the homeservers' part was rendered.
  [[nodiscard]] std::uint64_t renderings() const { return renderings_; }

 private:
  /// The homeservers' part, compressed, and for how long it is what they have to say.
  struct Kept {
    Gathering::Moment moment;
    std::vector<std::string> parts;
    web::GzipWriter writer;  // behind the last of them
  };
  class Plain;
  class Packed;
  class Again;

  [[nodiscard]] std::string OwnPart(Format format) const;

  const Board& board_;
  const Instruments& instruments_;
  Gatherings gatherings_;
  std::array<std::shared_ptr<const Kept>, 2> kept_;  // for each format
  std::uint64_t renderings_ = 0;
};

}  // namespace exporter
