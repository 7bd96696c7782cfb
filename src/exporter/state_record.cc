#include "exporter/state_record.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <memory>

#include "exporter/state_snapshot.h"
#include "matrix_federation/explanation.h"
#include "matrix_federation/label.h"
#include "matrix_federation/limits.h"

namespace exporter {
namespace {

using matrix_federation::CertificateFacts;
using matrix_federation::ChainAssessment;
using matrix_federation::Failure;
using matrix_federation::KnownKey;
using matrix_federation::MaybeFailure;
using matrix_federation::SystemTime;

using Chains = std::vector<std::shared_ptr<const ChainAssessment>>;

// More than the destinations, certificates or keys that one probe can see.
constexpr std::size_t kHashesMax = 1024;
// More than the text of any sample's value.
constexpr std::size_t kNumberMax = 64;
static_assert(kMetricCount <= 0xff);

void Encode(StateEncoder& encoder, const MaybeFailure& failure) {
  encoder(static_cast<std::uint8_t>(failure ? 1 : 0));
  if (!failure) return;
  encoder(matrix_federation::Word(failure->reason));
  encoder(failure->detail);
}

// False when the reason is not one of the present list.
bool Decode(StateDecoder& decoder, MaybeFailure& failure) {
  bool failed = false;
  decoder(failed);
  if (!failed) return true;
  std::string_view word;
  std::string detail;
  decoder(word);
  decoder(detail);
  const auto reason = matrix_federation::ReasonOf(word);
  if (reason) failure = Failure{*reason, std::move(detail)};
  return reason.has_value();
}

template <typename Codec, typename Facts>
void CertificateFields(Codec& codec, Facts& facts) {
  const auto text = [&](auto& each) { codec(each); };
  codec(facts.subject_cn);
  codec(facts.issuer_cn);
  codec.List(facts.dns_names, matrix_federation::kAltNamesMax, text);
  codec.List(facts.ip_addresses, matrix_federation::kAltNamesMax, text);
  codec(facts.serial_number);
  codec(facts.fingerprint_sha256);
  codec(facts.not_before);
  codec(facts.not_after);
}

template <typename Codec, typename Certificates>
void Certificate(Codec& codec, Certificates& certificates) {
  codec.List(certificates, matrix_federation::kChainLengthMax,
             [&](auto& facts) { CertificateFields(codec, facts); });
}

// Addresses mostly share one chain: each has the place of the first that has it, and the chain
// itself follows there only.
void Encode(StateEncoder& encoder, const Chains& chains) {
  const auto begin = chains.begin();
  encoder.List(chains, matrix_federation::kEndpointsMax, [&](const auto& chain) {
    const auto first = std::find(begin, chains.end(), chain);
    encoder(static_cast<std::uint8_t>(first - begin));
    if (&*first != &chain) return;
    Certificate(encoder, chain->certificates);
    Encode(encoder, chain->trust);
    Encode(encoder, chain->dates);
  });
}

std::shared_ptr<const ChainAssessment> DecodeChain(StateDecoder& decoder) {
  auto chain = std::make_shared<ChainAssessment>();
  Certificate(decoder, chain->certificates);
  if (chain->certificates.empty()) decoder.Fail();
  const bool known = Decode(decoder, chain->trust);
  return Decode(decoder, chain->dates) && known ? chain : nullptr;
}

void Decode(StateDecoder& decoder, Chains& chains) {
  decoder.List(chains, matrix_federation::kEndpointsMax, [&](auto& chain) {
    std::uint8_t place = 0;
    decoder(place);
    const std::size_t own = chains.size() - 1;
    if (place > own) decoder.Fail();
    if (decoder.ok()) chain = place == own ? DecodeChain(decoder) : chains[place];
  });
  std::erase(chains, nullptr);
}

template <typename Codec, typename Hashes>
void HashList(Codec& codec, Hashes& hashes) {
  codec.List(hashes, kHashesMax, [&](auto& hash) { codec(hash); });
}

// All of a history but its certificates.
template <typename Codec, typename AnyHistory>
void HistoryFields(Codec& codec, AnyHistory& history) {
  codec(history.probes);
  codec(history.failures);
  codec(history.consecutive_failures);
  codec(history.discovery_changes);
  for (auto& changes : history.certificate_changes) codec(changes);
  codec(history.signing_key_changes);
  codec(history.last_finished);
  codec(history.last_success);
  codec(history.last_state_change);
  HashList(codec, history.last_destinations);
  for (auto& leaves : history.last_leaves) HashList(codec, leaves);
  HashList(codec, history.last_keys);
  codec.List(history.known_keys, matrix_federation::kSigningKeysMax, [&](auto& known) {
    codec(known.id);
    codec(known.key);
    codec(known.last_seen);
  });
}

void Encode(StateEncoder& encoder, const std::vector<Episode>& episodes) {
  encoder.List(episodes, kEpisodesMax, [&](const Episode& episode) {
    encoder(episode.begin);
    encoder(episode.end);
    encoder(episode.probes);
    encoder(episode.check);
    encoder(episode.reason);
  });
}

// Leaves out what happened for a reason that the present program has no word for.
void Decode(StateDecoder& decoder, std::vector<Episode>& episodes) {
  decoder.List(episodes, kEpisodesMax, [&](Episode& episode) {
    decoder(episode.begin);
    decoder(episode.end);
    decoder(episode.probes);
    std::string_view check;
    std::string_view reason;
    decoder(check);
    decoder(reason);
    if (episode.probes == 0 || episode.begin > episode.end || check.empty() != reason.empty()) {
      decoder.Fail();
    }
    if (check.empty()) return;
    episode.check = KnownCheck(check);
    episode.reason = KnownReason(reason);
    if (episode.check.empty() || episode.reason.empty()) episode.probes = 0;
  });
  std::erase_if(episodes, [](const Episode& episode) { return episode.probes == 0; });
}

void Encode(StateEncoder& encoder, const History& history) {
  HistoryFields(encoder, history);
  Encode(encoder, history.episodes);
  encoder(static_cast<std::uint8_t>(history.last_ok.value_or(false) ? 1 : 0));
  for (const SeenCertificates& seen : history.certificates) {
    encoder(seen.seen_at);
    Encode(encoder, seen.chains);
  }
}

bool IsTidy(const std::vector<std::uint64_t>& hashes) {
  return std::adjacent_find(hashes.begin(), hashes.end(), std::greater_equal<>()) == hashes.end();
}

// What Update makes sure of.
bool IsSound(const History& history) {
  return history.probes > 0 && history.failures <= history.probes &&
         history.consecutive_failures <= history.failures &&
         history.last_ok == (history.consecutive_failures == 0) && history.last_finished &&
         history.last_state_change && IsTidy(history.last_destinations) &&
         std::all_of(std::begin(history.last_leaves), std::end(history.last_leaves), IsTidy) &&
         IsTidy(history.last_keys);
}

void Decode(StateDecoder& decoder, History& history) {
  HistoryFields(decoder, history);
  Decode(decoder, history.episodes);
  decoder(history.last_ok.emplace());
  for (SeenCertificates& seen : history.certificates) {
    decoder(seen.seen_at);
    Decode(decoder, seen.chains);
  }
  if (!IsSound(history)) decoder.Fail();
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes an escaped label value with its closing quote: one that ToLabel would let pass.
bool TakeLabelValue(std::string_view& text) {
  std::string value;
  while (!text.empty() && text.front() != '"') {
    char c = text.front();
    if (c == '\\') {
      text.remove_prefix(1);
      if (text.empty()) return false;
      c = text.front();
      if (c != '\\' && c != '"') return false;
    }
    value.push_back(c);
    text.remove_prefix(1);
  }
  return TakePrefix(text, "\"") && matrix_federation::ToLabel(value) == value;
}

// Takes a sample as a block shows it; nullopt when it is none of the family.
std::optional<Sample> TakeSampleText(std::string_view& text, const MetricDef& metric) {
  const std::string_view whole = text;
  for (const std::string_view label : metric.label_names()) {
    if (!TakePrefix(text, ",") || !TakePrefix(text, label) || !TakePrefix(text, "=\"") ||
        !TakeLabelValue(text)) {
      return std::nullopt;
    }
  }
  if (!TakePrefix(text, "} ")) return std::nullopt;
  const std::string_view labels = whole.substr(0, whole.size() - text.size());
  const std::string_view number = text.substr(0, text.find('\n'));
  text.remove_prefix(number.size());
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool good = error == std::errc() && end == number.data() + number.size() &&
                    number.size() <= kNumberMax && std::isfinite(value) && TakePrefix(text, "\n");
  return good ? std::optional(Sample{labels, number}) : std::nullopt;
}

// The samples of a slice; none when it does not hold samples of the family only.
std::vector<Sample> SamplesOf(std::string_view slice, const MetricDef& metric) {
  std::vector<Sample> samples;
  while (!slice.empty()) {
    const auto sample = TakeSampleText(slice, metric);
    if (!sample) return {};
    samples.push_back(*sample);
  }
  return samples;
}

bool IsOfProbes(const MetricDef& metric) {
  return metric.freshness == Freshness::kAlways || metric.freshness == Freshness::kWhileFresh;
}

void Encode(StateEncoder& encoder, const Block& block) {
  std::array<std::string, kMetricCount> slices;
  std::uint8_t count = 0;
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    slices.at(family) = block.TextOf(family);
    if (!slices.at(family).empty()) ++count;
  }
  encoder(count);
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    if (slices.at(family).empty()) continue;
    encoder(static_cast<std::uint8_t>(family));
    encoder(slices.at(family));
  }
}

void Decode(StateDecoder& decoder, const WrittenFamilies& families, Block& block) {
  std::array<std::string_view, kMetricCount> slices;
  std::uint8_t count = 0;
  decoder(count);
  for (std::uint8_t i = 0; decoder.ok() && i < count; ++i) {
    std::uint8_t written = 0;
    std::string_view slice;
    decoder(written);
    decoder(slice);
    if (written >= families.size()) decoder.Fail();
    if (decoder.ok() && families[written]) slices.at(*families[written]) = slice;
  }
  BlockWriter writer;
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    const MetricDef& metric = AllMetrics()[family];
    if (!IsOfProbes(metric)) continue;
    writer.Begin(family, metric.has_known_labels());
    // With other labels than today's it is not that family any more.
    for (const auto& [labels, value] : SamplesOf(slices.at(family), metric)) {
      writer.Add(labels, value);
    }
  }
  block.bytes = writer.Finish();
}

}  // namespace

bool AppendRecord(std::string_view server_name, const History& history, const Block& block,
                  const Summary* summary, const Details& details, std::string& out) {
  std::string record;
  StateEncoder encoder(record);
  encoder(server_name);
  Encode(encoder, history);
  Encode(encoder, block);
  EncodeSnapshot(encoder, summary, details);
  if (record.size() > kRecordMax) return false;
  StateEncoder to_out(out);
  to_out(std::string_view(record));
  return true;
}

std::optional<StateRecord> TakeRecord(StateDecoder& from, const WrittenFamilies& families) {
  std::string_view bytes;
  from(bytes);
  StateDecoder decoder(bytes);
  StateRecord record;
  decoder(record.server_name);
  Decode(decoder, record.history);
  Decode(decoder, families, record.block);
  Details details;
  DecodeSnapshot(decoder, record.summary, details);
  if (!decoder.ok() || !decoder.empty()) return std::nullopt;
  if (record.summary) record.packed_details = Pack(details);
  return record;
}

bool ForgetTheFuture(History& history, SystemTime now) {
  bool any = false;
  const auto clamp = [&](SystemTime& time) {
    any = any || time > now;
    time = std::min(time, now);
  };
  for (auto* time : {&history.last_finished, &history.last_success, &history.last_state_change}) {
    if (*time) clamp(**time);
  }
  for (SeenCertificates& seen : history.certificates) clamp(seen.seen_at);
  for (Episode& episode : history.episodes) {
    clamp(episode.begin);
    clamp(episode.end);
  }
  for (KnownKey& known : history.known_keys) clamp(known.last_seen);
  return any;
}

void Restore(StateRecord record, Target& target) {
  auto block = boost::make_shared<Block>(std::move(record.block));
  block->stale_at = *record.history.last_finished + target.server->probe.stale_after;
  auto snapshot = record.summary ? MakeSnapshot(std::move(*record.summary),
                                                std::move(record.packed_details), record.history)
                                 : nullptr;
  target.slot->Publish(std::move(block), std::move(snapshot));
  target.history = std::move(record.history);
}

}  // namespace exporter
