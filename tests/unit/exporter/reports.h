#pragma once

#include <memory>
#include <string>

#include "exporter/exposition_text.h"
#include "exporter/history.h"
#include "exporter/settings.h"
#include "matrix_federation/report.h"

namespace exporter {

// Reports of example.org, a homeserver that uses all that there is to be seen: a delegation, SRV
// records, both IP versions, an intermediate certificate, an old key.

/// When the probes of these reports ended: 2027-01-15T08:00:00.5Z.
inline constexpr matrix_federation::SystemTime kFinishedAt{
    std::chrono::milliseconds{1'800'000'000'500}};

/// All is well.
matrix_federation::Observation HealthyObservation();
/// Nothing but port 8448 of the name itself, where the certificate has expired; .well-known is a
/// time-out.
matrix_federation::Observation ExpiredObservation();
/// The name does not exist.
matrix_federation::Observation UnknownNameObservation();

/// A chain with one certificate.
std::shared_ptr<matrix_federation::ChainAssessment> ChainOf(const std::string& fingerprint);

/// An address that refuses connections.
matrix_federation::EndpointObservation DeadEndpoint(const std::string& ip);

/// A homeserver of the configuration with its history.
struct Watched {
  Watched();

  /// A probe has ended with this.
  matrix_federation::Report Take(matrix_federation::Observation seen,
                                 matrix_federation::SystemTime finished_at = kFinishedAt);

  Settings settings;
  Homeserver server;
  History history;
};

/// The exposition of one homeserver after this report (nullptr: before the first probe), read by a
/// scrape at `now`.
std::string Expose(const Watched& watched, const matrix_federation::Report* report,
                   matrix_federation::SystemTime finished_at = kFinishedAt,
                   matrix_federation::SystemTime now = kFinishedAt, Format format = Format::kText);

/// The lines of an exposition that are samples of this family, in order.
std::vector<std::string> SamplesOf(const std::string& exposition, const std::string& family);

}  // namespace exporter
