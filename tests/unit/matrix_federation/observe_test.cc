#include "matrix_federation/observe.h"

#include <gtest/gtest.h>

#include "fakes/signing_key.h"
#include "fakes/world.h"
#include "matrix_federation/http_date.h"
#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

using fakes::Answered;
using fakes::ConnectFailure;
using fakes::FakeWorld;
using fakes::HandshakeFailure;
using fakes::JsonAnswer;
using fakes::KeysDocument;
using fakes::NoAnswer;
using fakes::SynapseVersion;
using fakes::TestCa;

constexpr const char* kName = "example.org:8448";
constexpr const char* kAddress = "192.0.2.10:8448";

KnockResult Good() {
  return Answered(TestCa().ChainFor("example.org"), JsonAnswer(200, KeysDocument(kName)),
                  SynapseVersion());
}

KnockResult WithoutKeys(Reason reason) {
  KnockResult knock = Good();
  knock.keys = NoAnswer(reason);
  return knock;
}

// A world in which the homeserver first answers with `first` and works from then on.
struct Homeserver : FakeWorld {
  explicit Homeserver(const KnockResult& first) {
    dns.AddAddress("example.org", "192.0.2.10");
    federation.Listen(
        kAddress, [first](const Endpoint&, int attempt) { return attempt == 1 ? first : Good(); });
  }
};

TEST(Observe, KnocksOnceWhereAllIsWell) {
  Homeserver world(Good());
  const Report report = world.Probe(kName);
  EXPECT_TRUE(report.federation_ok) << ToJson(report);
  EXPECT_EQ(report.observation.endpoints.at(0).attempts, 1);
}

TEST(Observe, TriesAgainAfterATransientFault) {
  std::vector<KnockResult> faults;
  for (const Reason reason :
       {Reason::kConnectTimeout, Reason::kConnectReset, Reason::kConnectUnreachable}) {
    faults.push_back(ConnectFailure(reason));
  }
  for (const Reason reason : {Reason::kHttpTimeout, Reason::kHttpNoResponse}) {
    faults.push_back(WithoutKeys(reason));
  }
  KnockResult lost_in_handshake = HandshakeFailure(Reason::kTlsHandshakeFailed);
  lost_in_handshake.handshake_lost = true;
  faults.push_back(lost_in_handshake);
  for (const KnockResult& fault : faults) {
    Homeserver world(fault);
    const Report report = world.Probe(kName);
    EXPECT_TRUE(report.federation_ok) << report.root_cause->reason;
    EXPECT_EQ(report.observation.endpoints.at(0).attempts, 2);
  }
}

TEST(Observe, LetsAVerdictStand) {
  KnockResult bad_certificate = Good();
  bad_certificate.tls->chain = TestCa().ChainFor("other.example.net");
  KnockResult bad_keys = Good();
  bad_keys.keys = JsonAnswer(500, "");
  for (const KnockResult& fault :
       {ConnectFailure(Reason::kConnectRefused), HandshakeFailure(Reason::kTlsHandshakeFailed),
        HandshakeFailure(Reason::kTlsProtocolVersion), WithoutKeys(Reason::kHttpTooLarge),
        WithoutKeys(Reason::kTlsClientCertRequired), bad_certificate, bad_keys}) {
    Homeserver world(fault);
    const Report report = world.Probe(kName);
    EXPECT_FALSE(report.federation_ok);
    EXPECT_EQ(report.observation.endpoints.at(0).attempts, 1) << report.root_cause->reason;
    EXPECT_EQ(world.federation.knocks().size(), 1U) << report.root_cause->reason;
  }
}

TEST(Observe, TriesAgainOnlyAsOftenAsItMay) {
  for (const int retries : {0, 2}) {
    FakeWorld world;
    world.dns.AddAddress("example.org", "192.0.2.10");
    world.options.retries = retries;
    world.federation.Listen(
        kAddress, [](const Endpoint&, int) { return ConnectFailure(Reason::kConnectReset); });
    const Report report = world.Probe(kName);
    EXPECT_EQ(report.root_cause->reason, "connect_reset");
    EXPECT_EQ(report.observation.endpoints.at(0).attempts, 1 + retries);
  }
}

TEST(Observe, TriesOnlyTheFaultyAddressAgain) {
  Homeserver world(ConnectFailure(Reason::kConnectReset));
  world.dns.AddAddress("example.org", "192.0.2.11");
  world.AddHomeserver("192.0.2.11:8448", kName, "example.org");
  const Observation seen = world.Look(kName);
  EXPECT_EQ(seen.endpoints.at(0).attempts, 2);
  EXPECT_EQ(seen.endpoints.at(1).attempts, 1);
  EXPECT_EQ(world.federation.knocks().size(), 3U);
}

TEST(Observe, DoesNotTryAgainWithoutTheTimeForIt) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.federation.Listen(kAddress, [&world](const Endpoint&, int) {
    world.clock.Advance(world.options.timeout * 2 / 3);
    return ConnectFailure(Reason::kConnectReset);
  });
  EXPECT_EQ(world.Look(kName).endpoints.at(0).attempts, 1);
}

TEST(Observe, ContactsNoDeniedAddress) {
  Homeserver world(Good());
  world.options.deny.Add("192.0.2.10");
  const Report report = world.Probe(kName);
  EXPECT_EQ(report.root_cause->reason, "address_denied");
  EXPECT_TRUE(world.federation.knocks().empty());
}

TEST(Observe, ContactsNoDeniedAddressAsLiteralEither) {
  FakeWorld world;
  world.options.deny.Add("private");
  for (const char* name : {"127.0.0.1", "[::1]", "[::ffff:10.0.0.1]:443", "[64:ff9b::a00:1]"}) {
    const Report report = world.Probe(name);
    EXPECT_EQ(report.root_cause->reason, "address_denied") << name;
  }
  EXPECT_TRUE(world.federation.knocks().empty());
}

TEST(Observe, StillContactsTheOtherAddresses) {
  Homeserver world(Good());
  world.dns.AddAddress("example.org", "10.0.0.1");
  world.options.deny.Add("10.0.0.0/8");
  const Report report = world.Probe(kName);
  EXPECT_TRUE(report.federation_ok);
  EXPECT_FALSE(report.all_addresses_ok);
}

TEST(Observe, EndsWithTheReasonWhenDiscoveryTookAllTheTime) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.dns.Fail("example.org", DnsType::kAaaa, DnsStatus::kTimeout);
  world.options.timeout = fakes::FakeDnsClient::kSilence;
  const Report report = world.Probe(kName);
  EXPECT_EQ(report.root_cause->reason, "probe_timeout");
  EXPECT_TRUE(world.federation.knocks().empty());
}

// A world in which finding the address takes so long that `left` of the probe's time remains, all
// of which `knock` takes up.
Report ProbeWithLittleTimeLeft(Duration left, const KnockResult& knock) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.dns.Fail("example.org", DnsType::kAaaa, DnsStatus::kTimeout);
  world.options.timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(fakes::FakeDnsClient::kSilence + left);
  world.federation.Listen(kAddress, [&world, left, knock](const Endpoint&, int) {
    world.clock.Advance(left);
    return knock;
  });
  return world.Probe(kName);
}

KnockResult LostInHandshake(bool by_silence) {
  KnockResult knock = HandshakeFailure(Reason::kTlsHandshakeFailed);
  knock.handshake_lost = true;
  knock.handshake_timed_out = by_silence;
  return knock;
}

TEST(Observe, DoesNotBlameTheHomeserverForTheTimeThatDiscoveryTook) {
  const std::chrono::seconds little{1};
  for (const KnockResult& knock : {ConnectFailure(Reason::kConnectTimeout), LostInHandshake(true),
                                   WithoutKeys(Reason::kHttpTimeout)}) {
    const Report report = ProbeWithLittleTimeLeft(little, knock);
    EXPECT_EQ(report.root_cause->reason, "probe_timeout");
    EXPECT_EQ(report.root_cause->detail,
              "finding the address took 10.0 of the 11.0 seconds of the probe (probe.timeout); "
              "what was left was not enough for 192.0.2.10:8448");
  }
}

TEST(Observe, BlamesTheHomeserverThatHadTimeEnough) {
  const std::chrono::seconds enough{5};  // a third of 15 seconds
  EXPECT_EQ(ProbeWithLittleTimeLeft(enough, WithoutKeys(Reason::kHttpTimeout)).root_cause->reason,
            "http_timeout");
}

TEST(Observe, LetsAVerdictStandThatCameInLittleTime) {
  const std::chrono::seconds little{1};
  EXPECT_EQ(
      ProbeWithLittleTimeLeft(little, ConnectFailure(Reason::kConnectRefused)).root_cause->reason,
      "connect_refused");
  EXPECT_EQ(ProbeWithLittleTimeLeft(little, LostInHandshake(false)).root_cause->reason,
            "tls_handshake_failed");
}

TEST(Observe, LetsAVerdictOnTheCertificateStandThoughTimeRanOutAfterwards) {
  KnockResult knock = Answered(TestCa().ChainFor("other.example.org"),
                               NoAnswer(Reason::kHttpTimeout), SynapseVersion());
  EXPECT_EQ(ProbeWithLittleTimeLeft(std::chrono::seconds{1}, knock).root_cause->reason,
            "tls_cert_name_mismatch");
}

TEST(Observe, TriesAgainWhereABodyMayHaveLostItsEnd) {
  KnockResult cut_off = Good();
  cut_off.keys = JsonAnswer(200, "{\"server_name\": ");
  EXPECT_EQ(Homeserver(cut_off).Look(kName).endpoints.at(0).attempts, 1);
  cut_off.keys.cut_off = true;
  EXPECT_EQ(Homeserver(cut_off).Look(kName).endpoints.at(0).attempts, 2);
}

TEST(Observe, LetsOtherProbesGoOnBetweenTwoAddresses) {
  Homeserver world(Good());
  world.dns.AddAddress("example.org", "192.0.2.11");
  world.dns.AddAddress("example.org", "192.0.2.12");
  world.Look(kName);
  EXPECT_EQ(world.clock.sleeps(), 2);
}

TEST(Observe, DoesNothingForAnInvalidName) {
  FakeWorld world;
  const Report report = world.Probe("https://example.org");
  EXPECT_FALSE(report.federation_ok);
  EXPECT_FALSE(report.observation.destination);
  EXPECT_TRUE(world.dns.asked().empty());
}

TEST(Observe, BlamesItselfWhenAClientThrows) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.federation.Listen(
      kAddress, [](const Endpoint&, int) -> KnockResult { throw std::runtime_error("a defect"); });
  const Report report = world.Probe(kName);
  EXPECT_FALSE(report.federation_ok);
  EXPECT_EQ(report.root_cause->reason, "internal_error");
}

TEST(Observe, SaysNothingOfAnAddressWhenAClientThrows) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.federation.Listen(
      kAddress, [](const Endpoint&, int) -> KnockResult { throw std::runtime_error("a defect"); });
  for (const auto& [check, verdict] : world.Probe(kName).checks) {
    if (check->name == "destination_accepts_connections") {
      EXPECT_EQ(verdict.status, Status::kNotObserved);
    }
  }
}

double OffsetFor(std::chrono::milliseconds theirs, std::chrono::milliseconds ours,
                 std::chrono::milliseconds took = {}) {
  KnockResult knock = Good();
  knock.keys.date = fakes::kNow + theirs;
  knock.keys.received = fakes::kNow + ours;
  knock.keys.duration = took;
  Homeserver world(knock);
  return world.Look(kName).endpoints.at(0).clock_offset_seconds.value();
}

TEST(Observe, TakesTheRoundingOfTheDateHeaderForNoOffset) {
  using namespace std::chrono_literals;
  EXPECT_EQ(OffsetFor(0ms, 0ms), 0.0);
  EXPECT_EQ(OffsetFor(0ms, 999ms), 0.0);
}

TEST(Observe, TakesASlowAnswerForNoOffset) {
  using namespace std::chrono_literals;
  EXPECT_EQ(OffsetFor(0ms, 2500ms, 2000ms), 0.0);
}

TEST(Observe, MeasuresTheOffsetFromTheNearestEndOfTheSecond) {
  using namespace std::chrono_literals;
  EXPECT_EQ(OffsetFor(90'000ms, 500ms), 89.5);
  EXPECT_EQ(OffsetFor(-90'000ms, 500ms), -89.5);
}

// An answer whose Date lies `behind` our clock, out of a cache that had kept it for `age`.
HttpExchange CachedAnswer(HttpExchange answer, std::chrono::seconds behind,
                          std::chrono::seconds age) {
  answer.date = fakes::kNow - behind;
  answer.received = fakes::kNow;
  answer.age = age;
  return answer;
}

EndpointObservation ClockOf(const HttpExchange& keys, const HttpExchange& version) {
  KnockResult knock = Good();
  knock.keys = keys;
  knock.version = version;
  Homeserver world(knock);
  return world.Look(kName).endpoints.at(0);
}

TEST(Observe, TakesTheAgeOfACachedAnswerForNoOffset) {
  using namespace std::chrono_literals;
  const KnockResult good = Good();
  for (const auto behind : {3600s, 3601s, 1800s}) {
    const auto seen = ClockOf(CachedAnswer(good.keys, behind, 3600s), good.version);
    EXPECT_EQ(seen.clock_offset_seconds, 0.0) << behind.count();
    EXPECT_EQ(seen.clock_age, 3600s);
  }
}

TEST(Observe, MeasuresTheOffsetOfACachedAnswerFromTheNearestEndOfItsAge) {
  using namespace std::chrono_literals;
  const KnockResult good = Good();
  const auto behind = ClockOf(CachedAnswer(good.keys, 86'400s, 3600s), good.version);
  EXPECT_EQ(behind.clock_offset_seconds, -82'799.0);
  const auto ahead = ClockOf(CachedAnswer(good.keys, -90s, 3600s), good.version);
  EXPECT_EQ(ahead.clock_offset_seconds, 90.0);
}

TEST(Observe, ReadsTheClockFromTheAnswerThatWasCachedForTheShorterTime) {
  using namespace std::chrono_literals;
  const KnockResult good = Good();
  const HttpExchange fresh_keys = CachedAnswer(good.keys, 91s, 0s);
  const HttpExchange fresh_version = CachedAnswer(good.version, 121s, 0s);
  const auto of_version = ClockOf(CachedAnswer(good.keys, 3600s, 3600s), fresh_version);
  EXPECT_EQ(of_version.clock_offset_seconds, -120.0);
  EXPECT_EQ(of_version.clock_age, 0s);
  EXPECT_EQ(ClockOf(fresh_keys, fresh_version).clock_offset_seconds, -90.0);
  EXPECT_EQ(ClockOf(fresh_keys, CachedAnswer(good.version, 121s, 10s)).clock_offset_seconds, -90.0);
}

TEST(Observe, CountsWithTheLatestDateAndTheHighestAge) {
  KnockResult knock = Good();
  knock.keys.date = *ParseHttpDate("Fri, 31 Dec 9999 23:59:59 GMT");
  knock.keys.received = SystemTime::max();
  knock.keys.age = kAgeMax;
  EXPECT_EQ(ClockOf(knock.keys, knock.version).clock_offset_seconds, 0.0);
}

}  // namespace
}  // namespace matrix_federation
