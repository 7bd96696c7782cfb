#pragma once

#include <string>
#include <vector>

#include "exporter/api/answers.h"
#include "matrix_federation/certificate.h"

namespace exporter {

// The last report in the words of matrix-federation-tester. Pure.

/// Its FederationOK: every address has to work and `/version` has to be served, too; a
/// `.well-known` file that names no valid server is a failure of its own. What the operator expects
/// beyond that has no part in it.
bool TesterVerdict(const Json& report);

/// The body of its /api/report: the same members in the same order. `key_documents` are those of
/// the endpoints, "" where none was kept.
std::string TesterReport(const Json& report, const std::vector<std::string>& key_documents,
                         matrix_federation::SystemTime finished_at);

}  // namespace exporter
