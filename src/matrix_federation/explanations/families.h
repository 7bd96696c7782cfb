#pragma once

#include <array>
#include <span>

#include "matrix_federation/explanation.h"

namespace matrix_federation {

/// A row: a word of the closed lists with its texts.
template <typename WordOf>
struct Explained {
  WordOf word;
  Explanation texts;
};
using ExplainedReasons = std::span<const Explained<Reason>>;
using ExplainedWarnings = std::span<const Explained<Warning>>;

// Each family is one file; every word of reason.h has its row in exactly one of them.
ExplainedReasons ServerNameReasons();
ExplainedReasons WellKnownFetchReasons();
ExplainedReasons WellKnownContentReasons();
ExplainedReasons DnsReasons();
ExplainedReasons SrvReasons();
ExplainedReasons ConnectionReasons();
ExplainedReasons TlsReasons();
ExplainedReasons CertificateReasons();
ExplainedReasons KeyDocumentReasons();
ExplainedReasons SignatureReasons();
ExplainedReasons VersionReasons();
ExplainedReasons ExpectationReasons();
ExplainedReasons ProbeReasons();

ExplainedWarnings ServerNameWarnings();
ExplainedWarnings WellKnownWarnings();
ExplainedWarnings SrvWarnings();
ExplainedWarnings ConnectionWarnings();
ExplainedWarnings TlsWarnings();
ExplainedWarnings KeyWarnings();
ExplainedWarnings VersionWarnings();
ExplainedWarnings ProbeWarnings();

/// All of them.
std::span<const ExplainedReasons> ReasonFamilies();
std::span<const ExplainedWarnings> WarningFamilies();

}  // namespace matrix_federation
