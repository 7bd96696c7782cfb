#include "exporter/history.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using matrix_federation::Observation;
using namespace std::chrono_literals;

constexpr std::size_t kFederation = static_cast<std::size_t>(Role::kFederation);
constexpr std::size_t kWellKnown = static_cast<std::size_t>(Role::kWellKnown);

// The healthy homeserver with these leaf certificates at its two addresses.
Observation WithLeaves(const std::string& first, const std::string& second) {
  Observation seen = HealthyObservation();
  seen.endpoints[0].tls->chain = ChainOf(first);
  seen.endpoints[1].tls->chain = ChainOf(second);
  return seen;
}

// The same, while the second address is down.
Observation WithOneLeaf(const std::string& first) {
  Observation seen = WithLeaves(first, first);
  seen.endpoints[1] = DeadEndpoint("192.0.2.10");
  return seen;
}

Observation WithKeys(const std::vector<matrix_federation::PublicKey>& keys) {
  Observation seen = HealthyObservation();
  for (auto& endpoint : seen.endpoints) endpoint.keys->current = keys;
  return seen;
}

const matrix_federation::Failure kWrongName{matrix_federation::Reason::kTlsCertNameMismatch,
                                            "another name"};

// Of the .well-known host: the first address spoke no TLS, the second one does.
TEST(History, KnowsTheCertificateOfTheOnlyAddressThatShowsOne) {
  Observation seen = HealthyObservation();
  seen.well_known.tls.reset();
  seen.well_known.redirects = 0;
  seen.well_known.answers = {{}, {}};
  seen.well_known.answers[1].tls.emplace();
  seen.well_known.answers[1].tls->chain = ChainOf("a");
  Watched watched;
  watched.Take(std::move(seen));
  ASSERT_EQ(watched.history.certificates[kWellKnown].chains.size(), 1U);
  EXPECT_EQ(watched.history.certificates[kWellKnown].chains[0]->certificates[0].fingerprint_sha256,
            "a");
}

TEST(History, CountsProbesAndFailures) {
  Watched watched;
  watched.Take(HealthyObservation());
  watched.Take(ExpiredObservation());
  watched.Take(ExpiredObservation());
  EXPECT_EQ(watched.history.probes, 3U);
  EXPECT_EQ(watched.history.failures, 2U);
  EXPECT_EQ(watched.history.consecutive_failures, 2U);
}

TEST(History, ForgetsConsecutiveFailuresOnceItWorksAgain) {
  Watched watched;
  watched.Take(ExpiredObservation());
  watched.Take(HealthyObservation());
  EXPECT_EQ(watched.history.consecutive_failures, 0U);
  EXPECT_EQ(watched.history.failures, 1U);
}

TEST(History, HasNoEpisodeThatEndsBeforeItBeginsWhenTheClockIsSetBack) {
  Watched watched;
  watched.Take(HealthyObservation(), kFinishedAt);
  watched.Take(HealthyObservation(), kFinishedAt - 1h);
  EXPECT_EQ(watched.history.episodes,
            (std::vector<Episode>{{kFinishedAt - 1h, kFinishedAt - 1h, 2, "", ""}}));
}

// Whoever is in between makes keys of his own, and no homeserver would take them from there.
TEST(History, CountsNoChangeOfKeysFromAnAddressWhoseCertificateFails) {
  Watched watched;
  watched.Take(WithKeys({{"ed25519:a", "key"}}));
  Observation forged = WithKeys({{"ed25519:a", "forged"}});
  for (auto& endpoint : forged.endpoints) endpoint.tls->name = kWrongName;
  watched.Take(forged);
  EXPECT_EQ(watched.history.signing_key_changes, 0U);
}

TEST(History, GathersEqualOutcomesToEpisodes) {
  Watched watched;
  watched.Take(HealthyObservation(), kFinishedAt);
  watched.Take(HealthyObservation(), kFinishedAt + 5min);
  watched.Take(ExpiredObservation(), kFinishedAt + 10min);
  const std::vector<Episode> expected{
      {kFinishedAt, kFinishedAt + 5min, 2, "", ""},
      {kFinishedAt + 10min, kFinishedAt + 10min, 1, "certificate_is_in_date", "tls_cert_expired"}};
  EXPECT_EQ(watched.history.episodes, expected);
}

TEST(History, BeginsAnEpisodeWhenTheReasonChanges) {
  Watched watched;
  watched.Take(ExpiredObservation());
  watched.Take(UnknownNameObservation());
  EXPECT_EQ(watched.history.episodes.size(), 2U);
}

TEST(History, ForgetsTheOldestEpisodes) {
  Watched watched;
  for (std::size_t i = 0; i <= kEpisodesMax; ++i) {
    watched.Take(i % 2 == 0 ? HealthyObservation() : ExpiredObservation(),
                 kFinishedAt + std::chrono::minutes(i));
  }
  EXPECT_EQ(watched.history.episodes.size(), kEpisodesMax);
  EXPECT_EQ(watched.history.episodes.front().begin, kFinishedAt + 1min);
}

TEST(History, KnowsNoSuccessBeforeTheFirst) {
  Watched watched;
  watched.Take(ExpiredObservation());
  EXPECT_EQ(watched.history.last_success, std::nullopt);
}

TEST(History, KeepsTheTimeOfTheLastSuccess) {
  Watched watched;
  watched.Take(HealthyObservation(), kFinishedAt);
  watched.Take(ExpiredObservation(), kFinishedAt + 5min);
  EXPECT_EQ(watched.history.last_success, kFinishedAt);
}

TEST(History, DatesTheStateFromTheFirstProbeThatFoundIt) {
  Watched watched;
  watched.Take(HealthyObservation(), kFinishedAt);
  EXPECT_EQ(watched.history.last_state_change, kFinishedAt);
  watched.Take(ExpiredObservation(), kFinishedAt + 5min);
  watched.Take(ExpiredObservation(), kFinishedAt + 10min);
  EXPECT_EQ(watched.history.last_state_change, kFinishedAt + 5min);
}

TEST(History, FindsNoChangeWhereAllStays) {
  Watched watched;
  watched.Take(HealthyObservation());
  watched.Take(HealthyObservation());
  EXPECT_EQ(watched.history.discovery_changes, 0U);
  EXPECT_EQ(watched.history.certificate_changes[kFederation], 0U);
  EXPECT_EQ(watched.history.certificate_changes[kWellKnown], 0U);
  EXPECT_EQ(watched.history.signing_key_changes, 0U);
}

TEST(History, CountsANewDestination) {
  Watched watched;
  watched.Take(HealthyObservation());
  Observation moved = HealthyObservation();
  moved.services[0].records[1].target = "fed3.example.net";
  watched.Take(moved);
  EXPECT_EQ(watched.history.discovery_changes, 1U);
}

TEST(History, CountsANewPortAsANewDestination) {
  Watched watched;
  Observation seen = ExpiredObservation();
  watched.Take(seen);
  seen.destination->port = 443;
  watched.Take(seen);
  EXPECT_EQ(watched.history.discovery_changes, 1U);
}

TEST(History, TakesAnotherOrderOfServicesForNoChange) {
  Watched watched;
  watched.Take(HealthyObservation());
  Observation drawn = HealthyObservation();
  std::swap(drawn.services[0].records[0], drawn.services[0].records[1]);
  drawn.destination->host = "fed2.example.net";
  std::swap(drawn.endpoints[0], drawn.endpoints[1]);
  watched.Take(drawn);
  EXPECT_EQ(watched.history.discovery_changes, 0U);
}

TEST(History, TakesAFailedLookUpForNoNewDestination) {
  Watched watched;
  watched.Take(HealthyObservation());
  watched.Take(UnknownNameObservation());
  watched.Take(HealthyObservation());
  EXPECT_EQ(watched.history.discovery_changes, 0U);
}

TEST(History, CountsANewLeafCertificate) {
  Watched watched;
  watched.Take(WithLeaves("old", "old"));
  watched.Take(WithLeaves("new", "new"));
  EXPECT_EQ(watched.history.certificate_changes[kFederation], 1U);
  EXPECT_EQ(watched.history.certificate_changes[kWellKnown], 0U);
}

TEST(History, CountsANewLeafCertificateOfTheWellKnownHost) {
  Watched watched;
  watched.Take(HealthyObservation());
  Observation renewed = HealthyObservation();
  renewed.well_known.tls->chain = ChainOf("new");
  watched.Take(renewed);
  EXPECT_EQ(watched.history.certificate_changes[kWellKnown], 1U);
  EXPECT_EQ(watched.history.certificate_changes[kFederation], 0U);
}

TEST(History, TakesAnUnreachableAddressForNoCertificateChange) {
  Watched watched;
  watched.Take(WithLeaves("one", "other"));
  watched.Take(WithOneLeaf("one"));
  EXPECT_EQ(watched.history.certificate_changes[kFederation], 0U);
}

TEST(History, TakesTheReturnOfAnAddressForNoCertificateChange) {
  Watched watched;
  watched.Take(WithLeaves("one", "other"));
  watched.Take(WithOneLeaf("one"));
  watched.Take(WithLeaves("one", "other"));
  EXPECT_EQ(watched.history.certificate_changes[kFederation], 0U);
}

TEST(History, TakesAFurtherAddressWithTheSameCertificateForNoChange) {
  Watched watched;
  watched.Take(WithOneLeaf("one"));
  watched.Take(WithLeaves("one", "one"));
  EXPECT_EQ(watched.history.certificate_changes[kFederation], 0U);
}

TEST(History, CountsALeafThatComesBackAfterAnother) {
  Watched watched;
  for (const char* leaf : {"old", "new", "old"}) watched.Take(WithLeaves(leaf, leaf));
  EXPECT_EQ(watched.history.certificate_changes[kFederation], 2U);
}

TEST(History, CountsANewSigningKey) {
  Watched watched;
  watched.Take(WithKeys({{"ed25519:1", "a"}}));
  watched.Take(WithKeys({{"ed25519:1", "a"}, {"ed25519:2", "b"}}));
  EXPECT_EQ(watched.history.signing_key_changes, 1U);
}

TEST(History, CountsAnotherKeyUnderAKnownId) {
  Watched watched;
  watched.Take(WithKeys({{"ed25519:1", "a"}}));
  watched.Take(WithKeys({{"ed25519:1", "b"}}));
  EXPECT_EQ(watched.history.signing_key_changes, 1U);
}

TEST(History, TakesKeysThatCouldNotBeReadForNoChange) {
  Watched watched;
  watched.Take(HealthyObservation());
  Observation unreadable = WithKeys({});
  for (auto& endpoint : unreadable.endpoints) {
    endpoint.keys->served =
        matrix_federation::Failure{matrix_federation::Reason::kKeysHttpStatus, "HTTP status 502"};
  }
  watched.Take(unreadable);
  watched.Take(HealthyObservation());
  EXPECT_EQ(watched.history.signing_key_changes, 0U);
}

TEST(History, KeepsTheCertificatesOfAServerThatCannotBeReached) {
  Watched watched;
  watched.Take(HealthyObservation(), kFinishedAt);
  watched.Take(UnknownNameObservation(), kFinishedAt + 5min);
  EXPECT_EQ(watched.history.certificates[kFederation].chains.size(), 2U);
  EXPECT_EQ(watched.history.certificates[kFederation].seen_at, kFinishedAt);
}

TEST(History, NamesTheRolesAsLabelsDo) {
  EXPECT_EQ(Word(Role::kFederation), "federation");
  EXPECT_EQ(Word(Role::kWellKnown), "well_known");
}

}  // namespace
}  // namespace exporter
