#include "exporter/state_snapshot.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "matrix_federation/check.h"
#include "matrix_federation/label.h"
#include "matrix_federation/limits.h"

namespace exporter {
namespace {

using matrix_federation::kWarningRows;
using matrix_federation::Step;

constexpr std::uint8_t kFederationOk = 1;
constexpr std::uint8_t kAllAddressesOk = 2;

std::string_view KnownMethod(std::string_view word) {
  for (const Step step : {Step::k1, Step::k2, Step::k31, Step::k33, Step::k4, Step::k6}) {
    if (MethodOf(step) == word) return MethodOf(step);
  }
  return {};
}

// The bit of a word; 0 when the present program does not know it.
WarningBits BitOf(std::string_view word) {
  const auto found = std::find_if(kWarningRows.begin(), kWarningRows.end(),
                                  [&](const auto& row) { return row.word == word; });
  return found == kWarningRows.end() ? 0 : WarningBits{1} << (found - kWarningRows.begin());
}

// What Summarize makes of text from outside.
bool IsFit(const Summary& summary) {
  return matrix_federation::ToLabel(summary.software) == summary.software &&
         matrix_federation::ToLabel(summary.version) == summary.version &&
         matrix_federation::ToSentence(summary.detail) == summary.detail &&
         matrix_federation::ToSentence(summary.destination) == summary.destination;
}

template <typename Codec, typename AnySummary>
void PlainFields(Codec& codec, AnySummary& summary) {
  codec(summary.detail);
  codec(summary.destination);
  codec(summary.software);
  codec(summary.version);
  for (auto* count : {&summary.ipv4, &summary.ipv6}) {
    codec(count->all);
    codec(count->healthy);
  }
}

void Encode(StateEncoder& encoder, const Summary& summary) {
  encoder(static_cast<std::uint8_t>((summary.federation_ok ? kFederationOk : 0) |
                                    (summary.all_addresses_ok ? kAllAddressesOk : 0)));
  encoder(summary.check);
  encoder(summary.reason);
  encoder(summary.method);
  encoder.List(summary.WarningWords(), kWarningRows.size(), encoder);
  PlainFields(encoder, summary);
  for (const auto& lifetime : summary.certificates) {
    encoder(static_cast<std::uint8_t>(lifetime ? 1 : 0));
    if (!lifetime) continue;
    encoder(lifetime->not_before);
    encoder(lifetime->not_after);
  }
  encoder(static_cast<std::uint64_t>(summary.duration.count()));
}

// The words of a summary, as they are written.
struct WrittenWords {
  std::string_view check;
  std::string_view reason;
  std::string_view method;
};

// False when the present program has no words for them.
bool Translate(const WrittenWords& written, Summary& summary) {
  summary.check = KnownCheck(written.check);
  summary.reason = KnownReason(written.reason);
  summary.method = KnownMethod(written.method);
  return summary.check.empty() == written.check.empty() &&
         summary.reason.empty() == written.reason.empty() &&
         summary.method.empty() == written.method.empty();
}

std::optional<Summary> DecodeSummary(StateDecoder& decoder) {
  Summary summary;
  std::uint8_t flags = 0;
  decoder(flags);
  summary.federation_ok = (flags & kFederationOk) != 0;
  summary.all_addresses_ok = (flags & kAllAddressesOk) != 0;
  WrittenWords written;
  for (auto* word : {&written.check, &written.reason, &written.method}) decoder(*word);
  std::vector<std::string_view> warnings;
  decoder.List(warnings, 8 * sizeof(WarningBits), [&](std::string_view& word) { decoder(word); });
  for (const std::string_view word : warnings) summary.warnings |= BitOf(word);
  PlainFields(decoder, summary);
  for (auto& lifetime : summary.certificates) {
    bool present = false;
    decoder(present);
    if (!present) continue;
    lifetime.emplace();
    decoder(lifetime->not_before);
    decoder(lifetime->not_after);
  }
  std::uint64_t duration = 0;
  decoder(duration);
  summary.duration = matrix_federation::Duration(
      static_cast<matrix_federation::Duration::rep>(std::min<std::uint64_t>(duration, INT64_MAX)));
  const bool failed = !written.check.empty() && !written.reason.empty();
  if (flags > (kFederationOk | kAllAddressesOk) || summary.federation_ok == failed ||
      written.check.empty() != written.reason.empty() || !IsFit(summary)) {
    decoder.Fail();
  }
  return Translate(written, summary) ? std::optional(std::move(summary)) : std::nullopt;
}

}  // namespace

std::string_view KnownCheck(std::string_view word) {
  for (const auto* check : matrix_federation::AllChecks()) {
    if (check->name == word) return check->name;
  }
  return {};
}

std::string_view KnownReason(std::string_view word) {
  for (const auto& row : matrix_federation::kReasonRows) {
    if (row.word == word) return row.word;
  }
  return {};
}

void EncodeSnapshot(StateEncoder& encoder, const Summary* summary, const Details& details) {
  encoder(static_cast<std::uint8_t>(summary != nullptr ? 1 : 0));
  if (summary == nullptr) return;
  Encode(encoder, *summary);
  encoder(details.report);
  encoder.List(details.key_documents, matrix_federation::kEndpointsMax, encoder);
}

void DecodeSnapshot(StateDecoder& decoder, std::optional<Summary>& summary, Details& details) {
  bool present = false;
  decoder(present);
  if (!present) return;
  summary = DecodeSummary(decoder);
  decoder(details.report);
  decoder.List(details.key_documents, matrix_federation::kEndpointsMax,
               [&](std::string& document) { decoder(document); });
  if (details.report.size() > kStoredReportMax) decoder.Fail();
  if (!summary) details = {};
}

}  // namespace exporter
