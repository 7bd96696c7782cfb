#include "matrix_federation/explanation.h"

#include <algorithm>
#include <array>

#include "explanations/families.h"

namespace matrix_federation {
namespace {

// All rows in the order of the enumerators. A test sees to it that every word has exactly one.
template <typename WordOf, std::size_t kWords>
std::array<Explanation, kWords> Collect(
    std::span<const std::span<const Explained<WordOf>>> families,
    const std::array<WordRow, kWords>& /*words*/) {
  std::array<Explanation, kWords> all{};
  for (const auto& family : families) {
    for (const auto& [word, texts] : family) all.at(static_cast<std::size_t>(word)) = texts;
  }
  return all;
}

template <typename WordOf, std::size_t kWords>
std::optional<WordOf> Find(const std::array<WordRow, kWords>& rows, std::string_view word) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [word](const WordRow& row) { return row.word == word; });
  if (found == rows.end()) return std::nullopt;
  return static_cast<WordOf>(found - rows.begin());
}

}  // namespace

std::span<const ExplainedReasons> ReasonFamilies() {
  static const auto kFamilies = std::to_array<ExplainedReasons>({
      ServerNameReasons(),
      WellKnownFetchReasons(),
      WellKnownContentReasons(),
      DnsReasons(),
      SrvReasons(),
      ConnectionReasons(),
      TlsReasons(),
      CertificateReasons(),
      KeyDocumentReasons(),
      SignatureReasons(),
      VersionReasons(),
      ExpectationReasons(),
      ProbeReasons(),
  });
  return kFamilies;
}

std::span<const ExplainedWarnings> WarningFamilies() {
  static const auto kFamilies = std::to_array<ExplainedWarnings>({
      ServerNameWarnings(),
      WellKnownWarnings(),
      SrvWarnings(),
      ConnectionWarnings(),
      TlsWarnings(),
      KeyWarnings(),
      VersionWarnings(),
      ProbeWarnings(),
  });
  return kFamilies;
}

const Explanation& ExplanationOf(Reason reason) {
  static const auto kAll = Collect<Reason>(ReasonFamilies(), kReasonRows);
  return kAll.at(static_cast<std::size_t>(reason));
}

const Explanation& ExplanationOf(Warning warning) {
  static const auto kAll = Collect<Warning>(WarningFamilies(), kWarningRows);
  return kAll.at(static_cast<std::size_t>(warning));
}

std::optional<Reason> ReasonOf(std::string_view word) { return Find<Reason>(kReasonRows, word); }
std::optional<Warning> WarningOf(std::string_view word) {
  return Find<Warning>(kWarningRows, word);
}

std::string_view FirstParagraph(std::string_view text) { return text.substr(0, text.find("\n\n")); }

}  // namespace matrix_federation
