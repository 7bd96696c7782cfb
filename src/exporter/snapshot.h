#pragma once

#include <array>
#include <boost/smart_ptr/shared_ptr.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/history.h"
#include "exporter/report_facts.h"
#include "matrix_federation/certificate.h"
#include "matrix_federation/report.h"

namespace exporter {

/// Of the certificate that ends first, of all that were presented.
struct CertificateLifetime {
  matrix_federation::SystemSeconds not_before;
  matrix_federation::SystemSeconds not_after;

  bool operator==(const CertificateLifetime&) const = default;
};

/// The findings that do not stop federation.
using WarningBits = std::uint64_t;  // bit i: the i-th word of the closed list

/// What a list of homeservers shows of one: enough for the status page without its report. Texts
/// from outside are fit for labels: valid UTF-8 without control characters, short.
struct Summary {
  bool federation_ok = false;
  bool all_addresses_ok = false;
  std::string_view check;   // of the root cause; empty while federation works
  std::string_view reason;  // likewise
  std::string detail;       // likewise, a sentence
  WarningBits warnings = 0;
  std::string_view method;  // of discovery; empty when it led nowhere
  std::string destination;  // "matrix.example.org:443"; likewise
  std::string software;     // both empty when unknown
  std::string version;
  std::array<std::optional<CertificateLifetime>, kRoleCount> certificates;
  AddressCount ipv4;
  AddressCount ipv6;
  matrix_federation::Duration duration{};

  [[nodiscard]] std::vector<std::string_view> WarningWords() const;

  bool operator==(const Summary&) const = default;
};

/// What few ask for: the report and what it leaves out.
struct Details {
  std::string report;                      // as ToJson writes it; empty when it was too large
  std::vector<std::string> key_documents;  // as served, one for each endpoint; "" where none was

  bool operator==(const Details&) const = default;
};

/// The last result of one homeserver as pages and programs are shown it. Immutable.
struct Snapshot {
  Summary summary;
  matrix_federation::SystemTime finished_at;
  matrix_federation::SystemTime since;  // federation works, or does not
  std::optional<matrix_federation::SystemTime> last_success;
  std::uint64_t probes = 0;
  std::uint64_t failures = 0;
  std::uint64_t consecutive_failures = 0;
  std::vector<Episode> episodes;  // the oldest first
  std::string packed_details;
};

/// Boost's for the reason that BlockPointer has.
using SnapshotPointer = boost::shared_ptr<const Snapshot>;

/// Where one of these is longer, it is left out of a snapshot: the report of a homeserver with
/// dozens of addresses, each with a chain of its own full of names, is megabytes.
inline constexpr std::size_t kStoredReportMax = std::size_t{256} * 1024;
inline constexpr std::size_t kStoredKeyDocumentsMax = std::size_t{64} * 1024;  // all of them

Summary Summarize(const matrix_federation::Report& report);

/// Where the homeserver shows no certificate in a role, puts in those that it last showed there,
/// unless that is longer ago than `kept`: as /metrics goes on to tell their dates. `history` has
/// the probe already.
void KeepCertificates(Summary& summary, const History& history, matrix_federation::Duration kept);

Details DetailsOf(const matrix_federation::Report& report);

/// A tenth of their size. What was packed by one run of the program is for that run only.
std::string Pack(const Details& details);
/// Of what Pack returned.
Details Unpack(std::string_view packed);

/// Of a homeserver whose history has the probe already.
SnapshotPointer MakeSnapshot(Summary summary, const Details& details, const History& history);
/// The same with what Pack returned.
SnapshotPointer MakeSnapshot(Summary summary, std::string packed_details, const History& history);

}  // namespace exporter
