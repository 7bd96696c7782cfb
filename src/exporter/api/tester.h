#pragma once

#include <string>
#include <vector>

#include "exporter/board.h"
#include "web/server.h"

namespace exporter {

// What matrix-federation-tester answers, of configured homeservers and from the last result. Its
// clients know nothing of results that are old or not there yet: they get 503 and when to ask
// again. What its paths take no notice of is no mistake here either, such as further parameters.

/// Answers /api/report?server_name=NAME.
web::Response AnswerTesterReport(const Board& board, const web::Request& request,
                                 matrix_federation::SystemTime now);

/// Answers /api/federation-ok?server_name=NAME: GOOD or BAD.
web::Response AnswerTesterVerdict(const Board& board, const web::Request& request,
                                  matrix_federation::SystemTime now);

/// GET, HEAD and, for browsers that ask whether they may, OPTIONS.
inline const std::vector<std::string> kTesterMethods = {"GET", "HEAD", "OPTIONS"};

}  // namespace exporter
