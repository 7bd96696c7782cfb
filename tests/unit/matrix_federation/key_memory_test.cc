#include "matrix_federation/key_memory.h"

#include <gtest/gtest.h>

#include "checks/all_checks.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

constexpr auto kDay = std::chrono::hours(24);

Observation Offering(std::vector<PublicKey> keys, Observation seen = GoodObservation()) {
  seen.endpoints[0].keys->current = std::move(keys);
  return seen;
}

Observation Later(Observation seen, std::chrono::system_clock::duration after) {
  seen.started_at += after;
  return seen;
}

KeyMemory MemoryOf(const Observation& seen) {
  KeyMemory memory;
  Remember(memory, seen);
  return memory;
}

TEST(KeyMemory, HoldsTheKeysOfAGoodAnswer) {
  const Observation seen = Offering({{"ed25519:a", "key"}});
  EXPECT_EQ(MemoryOf(seen), (KeyMemory{{"ed25519:a", "key", seen.started_at}}));
}

TEST(KeyMemory, TakesNothingFromAnAnswerThatFailed) {
  Observation seen = Offering({{"ed25519:a", "key"}});
  seen.endpoints[0].keys->signing = Because(Reason::kKeysInvalidSignature);
  EXPECT_TRUE(MemoryOf(seen).empty());
}

TEST(KeyMemory, TakesNothingFromAnAddressWhoseCertificateFails) {
  Observation seen = Offering({{"ed25519:a", "key"}});
  seen.endpoints[0].tls->name = Because(Reason::kTlsCertNameMismatch);
  EXPECT_TRUE(MemoryOf(seen).empty());
}

TEST(KeyMemory, KeepsTheFirstKeyOfAReusedIdForAWeek) {
  const Observation first = Offering({{"ed25519:a", "old"}});
  KeyMemory memory = MemoryOf(first);
  const Observation second = Offering({{"ed25519:a", "new"}});
  Remember(memory, Later(second, 7 * kDay));
  EXPECT_EQ(memory, (KeyMemory{{"ed25519:a", "old", first.started_at}}));
  Remember(memory, Later(second, 8 * kDay));
  EXPECT_EQ(memory[0].key, "new");
}

TEST(KeyMemory, ForgetsAKeyThatWasNotSeenForAWeek) {
  KeyMemory memory = MemoryOf(Offering({{"ed25519:a", "key"}}));
  Remember(memory, Later(Offering({{"ed25519:b", "key"}}), 8 * kDay));
  ASSERT_EQ(memory.size(), 1U);
  EXPECT_EQ(memory[0].id, "ed25519:b");
}

TEST(KeyMemory, IsBounded) {
  KeyMemory memory;
  for (int i = 0; i < 200; ++i) Remember(memory, Offering({{"ed25519:" + std::to_string(i), "k"}}));
  EXPECT_EQ(memory.size(), 64U);
}

Observation Knowing(KeyMemory known, Observation seen) {
  seen.known_keys = std::move(known);
  return seen;
}

const KeyMemory kKnown = MemoryOf(Offering({{"ed25519:a", "key"}}));

TEST(SigningKeysAreStable, HasNothingToCompareAtFirst) {
  EXPECT_EQ(Judged(signing_keys_are_stable, Offering({{"ed25519:a", "key"}})), "not_applicable");
}

TEST(SigningKeysAreStable, PassesWhileTheKeyStays) {
  EXPECT_EQ(Judged(signing_keys_are_stable, Knowing(kKnown, Offering({{"ed25519:a", "key"}}))),
            "pass");
}

TEST(SigningKeysAreStable, SaysThatAnIdCameBackWithAnotherKey) {
  EXPECT_EQ(Judged(signing_keys_are_stable, Knowing(kKnown, Offering({{"ed25519:a", "other"}}))),
            "fail: keys_key_id_reused");
}

TEST(SigningKeysAreStable, SaysThatAKeyVanished) {
  EXPECT_EQ(Judged(signing_keys_are_stable, Knowing(kKnown, Offering({{"ed25519:b", "other"}}))),
            "fail: keys_key_vanished");
}

TEST(SigningKeysAreStable, PassesWhenTheKeyWasRetiredProperly) {
  Observation seen = Knowing(kKnown, Offering({{"ed25519:b", "other"}}));
  seen.endpoints[0].keys->old_key_ids = {"ed25519:a"};
  EXPECT_EQ(Judged(signing_keys_are_stable, seen), "pass");
}

TEST(SigningKeysAreStable, PassesWhenTheKeyMayBeAmongOldOnesThatAreNotLookedAt) {
  Observation seen = Knowing(kKnown, Offering({{"ed25519:b", "other"}}));
  seen.endpoints[0].keys->has_more_old_keys = true;
  EXPECT_EQ(Judged(signing_keys_are_stable, seen), "pass");
}

TEST(SigningKeysAreStable, PassesWhenAnotherAddressStillOffersTheKey) {
  Observation seen = Knowing(kKnown, Offering({{"ed25519:b", "other"}}));
  seen.endpoints.push_back(Offering({{"ed25519:a", "key"}}).endpoints[0]);
  EXPECT_EQ(Judged(signing_keys_are_stable, seen), "pass");
}

TEST(SigningKeysAreStable, IsNotObservedWithoutAGoodAnswer) {
  Observation seen = Knowing(kKnown, Offering({}));
  seen.endpoints[0].keys->served = Because(Reason::kKeysHttpStatus);
  EXPECT_EQ(Judged(signing_keys_are_stable, seen), "not_observed");
}

}  // namespace
}  // namespace matrix_federation
