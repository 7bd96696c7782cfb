#include "exporter/state_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/exporter/reports.h"
#include "unit/exporter/states.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using matrix_federation::SystemTime;
using testing::SizeIs;

std::optional<StateRecord> Taken(std::string_view bytes,
                                 const WrittenFamilies& families = TodaysFamilies()) {
  StateDecoder decoder(bytes);
  return TakeRecord(decoder, families);
}

StateRecord Again(const StateRecord& record) {
  auto again = Taken(Encoded(record));
  EXPECT_TRUE(again);
  return again ? std::move(*again) : StateRecord();
}

// The number of the family with this name behind "matrix_federation_".
std::size_t Family(std::string_view name) {
  for (std::size_t family = 0; family < kMetricCount; ++family) {
    if (AllMetrics()[family].name == "matrix_federation_" + std::string(name)) return family;
  }
  ADD_FAILURE() << "no family " << name;
  return 0;
}

// What follows the length of a record, with the length that it has.
std::string WithLength(std::string_view content) {
  std::string bytes;
  StateEncoder encoder(bytes);
  encoder(content);
  return bytes;
}

// A record whose only family is this one, with this text, which need not be one of samples.
std::string WithSlice(std::string_view family, std::string_view text) {
  StateRecord record = FullRecord();
  record.block = {};
  record.summary.reset();
  std::string bytes = Encoded(record);
  bytes.resize(bytes.size() - 2);  // that there are no families, and no summary
  StateEncoder encoder(bytes);
  encoder(std::uint8_t{1});
  encoder(static_cast<std::uint8_t>(Family(family)));
  encoder(text);
  encoder(std::uint8_t{0});
  return WithLength(bytes.substr(4));
}

std::string SliceAgain(std::string_view family, std::string_view text) {
  const auto again = Taken(WithSlice(family, text));
  EXPECT_TRUE(again);
  return again ? again->block.TextOf(Family(family)) : "";
}

TEST(StateRecord, ReadsBackEveryMember) {
  const StateRecord record = FullRecord();
  ExpectSame(Again(record), record);
}

TEST(StateRecord, ReadsBackWhatAFirstProbeLeaves) {
  Watched watched;
  const auto report = watched.Take(UnknownNameObservation());
  StateRecord record{"example.org", watched.history, {}};
  ExpectSame(Again(record), record);
}

TEST(StateRecord, LetsAddressesShareTheirChainAgain) {
  const auto chains = Again(FullRecord()).history.certificates[0].chains;
  ASSERT_THAT(chains, SizeIs(3));
  EXPECT_EQ(chains[0], chains[2]);
  EXPECT_NE(chains[0], chains[1]);
}

TEST(StateRecord, IsRefusedWhenItIsCutShortAnywhere) {
  const std::string bytes = Encoded(FullRecord());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(Taken(std::string_view(bytes).substr(0, size))) << size;
  }
}

TEST(StateRecord, IsRefusedWhenSomethingStandsBehindItsEnd) {
  EXPECT_FALSE(Taken(WithLength(Encoded(FullRecord()).substr(4) + "x")));
}

TEST(StateRecord, CostsOnlyItselfWhenItIsWrong) {
  const std::string bytes = WithLength("nonsense") + Encoded(FullRecord());
  StateDecoder decoder(bytes);
  EXPECT_FALSE(TakeRecord(decoder, TodaysFamilies()));
  EXPECT_TRUE(TakeRecord(decoder, TodaysFamilies()));
}

TEST(StateRecord, IsNotAppendedWhenItIsTooLarge) {
  StateRecord record = FullRecord();
  record.history.known_keys.assign(1, {std::string(kRecordMax, 'a'), "key", {}});
  std::string bytes = "before";
  EXPECT_FALSE(AppendRecord(record.server_name, record.history, record.block, nullptr, {}, bytes));
  EXPECT_EQ(bytes, "before");
}

TEST(StateRecord, ReadsBackTheFirstAndTheLastDateOfACertificate) {
  StateRecord record = FullRecord();
  auto chain = std::make_shared<matrix_federation::ChainAssessment>(
      *record.history.certificates[0].chains[0]);
  chain->certificates[0].not_before = matrix_federation::kCertificateTimeMin;
  chain->certificates[0].not_after =
      matrix_federation::SystemSeconds(std::chrono::seconds(253'402'300'799));
  record.history.certificates[0].chains = {chain};
  ExpectSame(Again(record), record);
}

TEST(StateRecord, IsRefusedWhenItsCountersContradictEachOther) {
  StateRecord record = FullRecord();
  record.history.failures = record.history.probes + 1;
  EXPECT_FALSE(Taken(Encoded(record)));
}

TEST(StateRecord, IsRefusedWhenAChainHasNoCertificate) {
  StateRecord record = FullRecord();
  record.history.certificates[0].chains = {std::make_shared<matrix_federation::ChainAssessment>()};
  EXPECT_FALSE(Taken(Encoded(record)));
}

TEST(StateRecord, IsRefusedWhenItsHashesAreInDisorder) {
  StateRecord record = FullRecord();
  record.history.last_keys = {2, 1};
  EXPECT_FALSE(Taken(Encoded(record)));
}

TEST(StateRecord, IsRefusedWhenATimeLiesBeforeAllTimes) {
  StateRecord record = FullRecord();
  record.history.last_success = SystemTime::min();
  EXPECT_FALSE(Taken(Encoded(record)));
}

TEST(StateRecord, LosesASummaryWhoseReasonTheProgramHasForgotten) {
  std::string bytes = Encoded(FullRecord());
  const std::string word = "dns_nxdomain";
  bytes.replace(bytes.rfind(word), word.size(), "dns_evanish!");
  const auto again = Taken(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->summary, std::nullopt);
  EXPECT_TRUE(again->packed_details.empty());
}

TEST(StateRecord, LosesAnEpisodeWhoseReasonTheProgramHasForgotten) {
  std::string bytes = Encoded(FullRecord());
  const std::string word = "dns_nxdomain";
  bytes.replace(bytes.find(word), word.size(), "dns_evanish!");
  const auto again = Taken(bytes);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->history.episodes, SizeIs(1));
}

TEST(StateRecord, IsRefusedWhenAnEpisodeEndsBeforeItBegins) {
  StateRecord record = FullRecord();
  record.history.episodes[0].end = record.history.episodes[0].begin - 1s;
  EXPECT_FALSE(Taken(Encoded(record)));
}

TEST(StateRecord, IsRefusedWhenItsSummaryFailsWithoutAReason) {
  StateRecord record = FullRecord();
  record.summary->reason = "";
  record.summary->check = "";
  EXPECT_FALSE(Taken(Encoded(record)));
}

TEST(StateRecord, IsRefusedWhenATextOfItsSummaryCouldNotBeShown) {
  StateRecord record = FullRecord();
  record.summary->software = "Syn\napse";
  EXPECT_FALSE(Taken(Encoded(record)));
}

TEST(StateRecord, GivesTheSlotItsSnapshotBack) {
  Target target{0, std::make_shared<Homeserver>(), std::make_shared<ResultSlot>(), {}};
  const StateRecord record = FullRecord();
  Restore(record, target);
  const auto snapshot = target.slot->TakeSnapshot();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->summary, *record.summary);
  EXPECT_EQ(Unpack(snapshot->packed_details), DetailsIn(record));
  EXPECT_EQ(snapshot->finished_at, kFinishedAt);
}

TEST(StateRecord, LosesAChainWhoseReasonTheProgramHasForgotten) {
  StateRecord record = FullRecord();
  std::string bytes = Encoded(record);
  // The well-known host's only chain is the last.
  const std::string word = "tls_cert_expired";
  bytes.replace(bytes.rfind(word), word.size(), "tls_cert_evanish");
  const auto again = Taken(bytes);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->history.certificates[0].chains, SizeIs(3));
  EXPECT_THAT(again->history.certificates[1].chains, SizeIs(0));
}

TEST(StateRecord, FollowsAFamilyToItsPlaceOfToday) {
  WrittenFamilies families = TodaysFamilies();
  const std::size_t success = Family("probe_success");
  const std::size_t all = Family("all_addresses_success");
  std::swap(families[success], families[all]);
  const auto again = Taken(WithSlice("probe_success", "} 0\n"), families);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->block.TextOf(success), "");
  EXPECT_EQ(again->block.TextOf(all), "} 0\n");
}

TEST(StateRecord, LosesAFamilyThatTheProgramHasForgotten) {
  WrittenFamilies families = TodaysFamilies();
  families[Family("probe_success")].reset();
  const auto again = Taken(Encoded(FullRecord()), families);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->block.TextOf(Family("probe_success")), "");
  EXPECT_EQ(again->block.TextOf(Family("all_addresses_success")), "} 1\n");
}

TEST(StateRecord, IsRefusedWhenAFamilyIsOutOfRange) {
  EXPECT_FALSE(Taken(Encoded(FullRecord()), {}));
}

TEST(StateRecord, LosesAFamilyThatHadOtherLabels) {
  EXPECT_EQ(SliceAgain("check_success", ",check=\"a\"} 1\n"), ",check=\"a\"} 1\n");
  EXPECT_EQ(SliceAgain("check_success", ",check=\"a\",ip_version=\"4\"} 1\n"), "");
  EXPECT_EQ(SliceAgain("check_success", ",chuck=\"a\"} 1\n"), "");
  EXPECT_EQ(SliceAgain("check_success", "} 1\n"), "");
}

TEST(StateRecord, LosesWhatIsNoSample) {
  for (const std::string text : {"", "}", "} 1", "} \n", "} 1 2\n", "} nan\n", "} inf\n",
                                 "} 0x10\n", "} 1\n\n", "} 1\nmalicious{} 1\n", "} 1\n} 2"}) {
    EXPECT_EQ(SliceAgain("probe_success", text), "") << text;
  }
}

TEST(StateRecord, LosesASampleWhoseLabelNoScrapeWouldRead) {
  for (const std::string value : {"\xff", "a\x01", "a\nb", "a\\", "a\\x", "a\"b"}) {
    EXPECT_EQ(SliceAgain("check_success", ",check=\"" + value + "\"} 1\n"), "") << value;
  }
}

TEST(StateRecord, KeepsEscapedLabels) {
  const std::string text = ",check=\"a\\\\b\\\"c\"} 1\n";
  EXPECT_EQ(SliceAgain("check_success", text), text);
}

TEST(StateRecord, LeavesTheConfigurationsFamiliesToTheConfiguration) {
  EXPECT_EQ(SliceAgain("target_info", ",group=\"customers\"} 1\n"), "");
  EXPECT_EQ(SliceAgain("probe_interval_seconds", "} 1\n"), "");
}

TEST(StateRecord, CountsFromTheFutureAreFromNow) {
  History history = FullRecord().history;
  const SystemTime now = kFinishedAt - 1h;
  EXPECT_TRUE(ForgetTheFuture(history, now));
  EXPECT_EQ(history.last_finished, now);
  EXPECT_EQ(history.last_success, now);
  EXPECT_EQ(history.last_state_change, now);
  EXPECT_EQ(history.certificates[0].seen_at, now);
  EXPECT_EQ(history.certificates[1].seen_at, now);
  EXPECT_EQ(history.known_keys[0].last_seen, now);
  EXPECT_EQ(history.known_keys[1].last_seen, now);
}

TEST(StateRecord, LeavesThePastAlone) {
  StateRecord record = FullRecord();
  EXPECT_FALSE(ForgetTheFuture(record.history, kFinishedAt));
  ExpectSame(record, FullRecord());
}

TEST(StateRecord, IsShownAsLongAsTheConfigurationSays) {
  auto server = std::make_shared<Homeserver>();
  server->probe.stale_after = 10min;
  Target target{0, server, std::make_shared<ResultSlot>(), {}};
  Restore(FullRecord(), target);
  EXPECT_EQ(target.slot->Take()->stale_at, kFinishedAt + 10min);
  EXPECT_EQ(target.history.probes, 1000U);
}

}  // namespace
}  // namespace exporter
