#pragma once

#include <string_view>
#include <vector>

#include "exporter/board.h"
#include "web/server.h"

namespace exporter {

/// Answers /probe?target=NAME: the last result in blackbox_exporter's vocabulary, so that what
/// scrapes that one today (relabelling, alerts, dashboards) goes on. Of configured homeservers
/// only, and nothing is probed for it. A scrape fails where there is no result that is true now.
web::Response AnswerProbe(const Board& board, const web::Request& request,
                          matrix_federation::SystemTime now);

/// One of its metrics; all of them are gauges.
struct ProbeMetricName {
  std::string_view name;
  std::string_view help;
};

/// The metrics in the order of the exposition.
std::vector<ProbeMetricName> ProbeMetricNames();

}  // namespace exporter
