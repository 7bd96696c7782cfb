#include <gtest/gtest.h>

#include "checks/all_checks.h"
#include "matrix_federation/report.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

EndpointObservation Unreachable(const std::string& ip, Reason reason = Reason::kConnectRefused) {
  EndpointObservation endpoint;
  endpoint.address = {IpAddress::Parse(ip).value(), 8448};
  endpoint.connect = Because(reason);
  return endpoint;
}

Observation With(std::vector<EndpointObservation> endpoints) {
  Observation seen = GoodObservation();
  seen.endpoints = std::move(endpoints);
  return seen;
}

Observation WithTls(const std::string& version, const std::string& cipher) {
  Observation seen = GoodObservation();
  seen.endpoints[0].tls->version = version;
  seen.endpoints[0].tls->cipher = cipher;
  return seen;
}

EndpointObservation WithFingerprint(const std::string& ip, const std::string& fingerprint) {
  EndpointObservation endpoint = GoodEndpoint(ip);
  auto chain = GoodChain();
  chain->certificates[0].fingerprint_sha256 = fingerprint;
  endpoint.tls->chain = std::move(chain);
  return endpoint;
}

TEST(TlsVersionIsCurrent, WantsTls13OrATls12OfToday) {
  EXPECT_EQ(Judged(tls_version_is_current, GoodObservation()), "pass");
  for (const char* cipher :
       {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}) {
    EXPECT_EQ(Judged(tls_version_is_current, WithTls("TLS 1.2", cipher)), "pass") << cipher;
  }
  for (const char* cipher :
       {"TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"}) {
    EXPECT_EQ(Judged(tls_version_is_current, WithTls("TLS 1.2", cipher)), "fail: tls_version_old")
        << cipher;
  }
  EXPECT_EQ(
      Judged(tls_version_is_current, WithTls("TLS 1.1", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")),
      "fail: tls_version_old");
}

TEST(TlsVersionIsCurrent, NeedsAHandshake) {
  EXPECT_EQ(Judged(tls_version_is_current, With({Unreachable("192.0.2.1")})), "not_observed");
}

TEST(CertificatesAreConsistent, ComparesTheLeaves) {
  EXPECT_EQ(Judged(certificates_are_consistent,
                   With({WithFingerprint("192.0.2.1", "aa"), WithFingerprint("192.0.2.2", "aa")})),
            "pass");
  EXPECT_EQ(Judged(certificates_are_consistent,
                   With({WithFingerprint("192.0.2.1", "aa"), WithFingerprint("192.0.2.2", "bb")})),
            "fail: certificates_inconsistent");
}

TEST(CertificatesAreConsistent, NeedsTwoHandshakes) {
  EXPECT_EQ(Judged(certificates_are_consistent, GoodObservation()), "not_applicable");
  EXPECT_EQ(Judged(certificates_are_consistent, With({Unreachable("192.0.2.1")})), "not_observed");
}

// A leaf of its own; its last day is so many days after (or before) that of the good chain.
EndpointObservation WithLeaf(const std::string& ip, const std::string& fingerprint, int later) {
  EndpointObservation endpoint = GoodEndpoint(ip);
  auto chain = GoodChain();
  chain->certificates[0].subject_cn.clear();
  chain->certificates[0].fingerprint_sha256 = fingerprint;
  chain->certificates[0].not_after += std::chrono::days(later);
  endpoint.tls->chain = std::move(chain);
  return endpoint;
}

EndpointObservation Faulty(EndpointObservation endpoint, Reason reason) {
  auto chain = std::make_shared<ChainAssessment>(*endpoint.tls->chain);
  (reason == Reason::kTlsCertExpired ? chain->dates : chain->trust) = Because(reason);
  endpoint.tls->chain = std::move(chain);
  return endpoint;
}

EndpointObservation Expired(const std::string& ip) {
  return Faulty(WithLeaf(ip, "old", -45), Reason::kTlsCertExpired);
}

std::string Said(const Check& check, const Observation& seen) {
  return check.judge(seen).findings.front().detail;
}

constexpr const char* kTheReloadDidNotReachIt =
    "the certificate for example.org served on 192.0.2.10:8448 expired on 2027-01-15T00:00:00Z, "
    "8 hours ago; [2001:db8::10]:8448 serves the renewed one, valid until 2027-03-01T00:00:00Z: "
    "the "
    "reload did not reach 192.0.2.10:8448; bring the renewed one there, if it is not, and reload "
    "the server";

TEST(CertificatesAreConsistent, SaysWhichAddressTheReloadDidNotReach) {
  const Observation seen = With({WithLeaf("2001:db8::10", "new", 0), Expired("192.0.2.10")});
  EXPECT_EQ(Said(certificates_are_consistent, seen), kTheReloadDidNotReachIt);
}

TEST(CertificatesAreConsistent, NamesAllAddressesOfALeafUpToFour) {
  const Observation seen =
      With({WithLeaf("192.0.2.1", "new", 0), WithLeaf("192.0.2.2", "old", -9),
            WithLeaf("192.0.2.3", "old", -9), WithLeaf("192.0.2.4", "old", -9),
            WithLeaf("192.0.2.5", "old", -9), WithLeaf("192.0.2.6", "old", -9)});
  EXPECT_EQ(
      Said(certificates_are_consistent, seen),
      "the certificate for example.org served on 192.0.2.2:8448, 192.0.2.3:8448, "
      "192.0.2.4:8448 and 2 more is valid until 2027-02-20T00:00:00Z, the one on "
      "192.0.2.1:8448 is valid until 2027-03-01T00:00:00Z: the renewal, or the reload after it, "
      "did not reach 192.0.2.2:8448, 192.0.2.3:8448, 192.0.2.4:8448 and 2 more");
}

TEST(CertificatesAreConsistent, SaysWhatIsWrongWithTheOtherOne) {
  const Observation seen =
      With({WithLeaf("192.0.2.1", "good", 0),
            Faulty(WithLeaf("192.0.2.2", "own", 0), Reason::kTlsCertSelfSigned)});
  EXPECT_EQ(Said(certificates_are_consistent, seen),
            "192.0.2.2:8448: because of tls_cert_self_signed. 192.0.2.1:8448 serves a good one, "
            "valid until 2027-03-01T00:00:00Z: put that one on 192.0.2.2:8448 too");
}

TEST(CertificatesAreConsistent, SaysOfEachWhatIsWrongWhenNoneIsGood) {
  const Observation seen = With(
      {Expired("192.0.2.1"), Faulty(WithLeaf("192.0.2.2", "own", 0), Reason::kTlsCertSelfSigned)});
  EXPECT_EQ(
      Said(certificates_are_consistent, seen),
      "the addresses serve different certificates, none of them good. 192.0.2.1:8448: because "
      "of tls_cert_expired. 192.0.2.2:8448: because of tls_cert_self_signed");
}

TEST(CertificatesAreConsistent, CountsFurtherOnes) {
  const Observation seen = With({WithLeaf("192.0.2.1", "a", 0), WithLeaf("192.0.2.2", "b", 0),
                                 WithLeaf("192.0.2.3", "c", 0)});
  EXPECT_EQ(
      Said(certificates_are_consistent, seen),
      "192.0.2.3:8448 serves certificate 03ab, 192.0.2.1:8448 serves 03ab; give all addresses "
      "the same one (3 different certificates in all)");
}

TEST(EveryAddressWorks, SaysWhichAddressTheReloadDidNotReach) {
  const Observation seen = With({WithLeaf("2001:db8::10", "new", 0), Expired("192.0.2.10")});
  EXPECT_EQ(Said(every_address_works, seen), kTheReloadDidNotReachIt);
}

TEST(VersionIsReported, PassesForAnAnswer) {
  EXPECT_EQ(Judged(version_is_reported, GoodObservation()), "pass");
}

TEST(VersionIsReported, FailsButOnlyWarns) {
  Observation seen = GoodObservation();
  seen.endpoints[0].version = ServerVersion{.failure = Because(Reason::kVersionHttpStatus)};
  EXPECT_EQ(Judged(version_is_reported, seen), "fail: version_http_status");
  EXPECT_EQ(Found(version_is_reported, seen), std::set<std::string>{"version_unavailable"});
  EXPECT_TRUE(Judge(seen).federation_ok);
}

TEST(VersionIsReported, AsksAnAddressThatWorks) {
  EndpointObservation broken = GoodEndpoint("192.0.2.1");
  broken.tls->name = Because(Reason::kTlsCertNameMismatch);
  broken.version = ServerVersion{.failure = Because(Reason::kVersionHttpStatus)};
  EXPECT_EQ(Judged(version_is_reported, With({broken, GoodEndpoint()})), "pass");
}

TEST(VersionIsReported, NeedsAnAnswer) {
  EXPECT_EQ(Judged(version_is_reported, With({Unreachable("192.0.2.1")})), "not_observed");
}

TEST(EveryAddressWorks, WarnsOfEachThatDoesNot) {
  EXPECT_EQ(Judged(every_address_works, GoodObservation()), "pass");
  const Observation seen =
      With({Unreachable("192.0.2.1"), GoodEndpoint(), Unreachable("192.0.2.2")});
  EXPECT_EQ(Judged(every_address_works, seen), "fail: address_unreachable");
  EXPECT_EQ(every_address_works.judge(seen).findings.size(), 2U);
}

TEST(EveryAddressWorks, IsAboutTheDifference) {
  EXPECT_EQ(Judged(every_address_works, With({Unreachable("192.0.2.1")})), "not_observed");
}

TEST(EveryAddressWorks, DoesNotBlameTheServerForOurMissingIpVersion) {
  Observation seen =
      With({Unreachable("2001:db8::1", Reason::kConnectUnreachable), GoodEndpoint()});
  seen.network_has_ipv6 = false;
  EXPECT_EQ(Judged(every_address_works, seen), "pass");
  EXPECT_TRUE(Judge(seen).all_addresses_ok);
  seen.network_has_ipv6 = true;
  EXPECT_EQ(Judged(every_address_works, seen), "fail: address_unreachable");
  EXPECT_FALSE(Judge(seen).all_addresses_ok);
}

TEST(DestinationAcceptsConnections, DoesNotBlameOurMissingIpVersionWhereAnotherWasTried) {
  Observation seen =
      With({Unreachable("2001:db8::1", Reason::kConnectUnreachable), Unreachable("192.0.2.1"),
            Unreachable("192.0.2.2", Reason::kConnectTimeout)});
  seen.network_has_ipv6 = false;
  EXPECT_EQ(Judged(destination_accepts_connections, seen), "fail: connect_refused");
  seen.endpoints.resize(1);
  EXPECT_EQ(Judged(destination_accepts_connections, seen), "fail: connect_unreachable");
}

TEST(BothIpVersionsWork, WantsAWorkingAddressOfEach) {
  EXPECT_EQ(Judged(both_ip_versions_work, With({GoodEndpoint("2001:db8::1"), GoodEndpoint()})),
            "pass");
  EXPECT_EQ(Judged(both_ip_versions_work, With({Unreachable("2001:db8::1"), GoodEndpoint()})),
            "fail: ip_version_unreachable");
  EXPECT_EQ(
      Judged(both_ip_versions_work, With({GoodEndpoint("2001:db8::1"), Unreachable("192.0.2.1")})),
      "fail: ip_version_unreachable");
  EXPECT_EQ(Judged(both_ip_versions_work,
                   With({Unreachable("2001:db8::1"), GoodEndpoint("2001:db8::2"), GoodEndpoint()})),
            "pass")
      << "one of each is enough";
}

TEST(BothIpVersionsWork, SaysNothingOfAVersionWhoseAddressesWereNotAllTried) {
  Observation seen = GoodObservation();
  seen.endpoints.push_back(GoodEndpoint("2001:db8::10"));
  seen.endpoints[1].connect = Because(Reason::kConnectTimeout);
  seen.truncated_ipv6 = true;
  EXPECT_EQ(Judged(both_ip_versions_work, seen), "not_observed");
}

TEST(BothIpVersionsWork, IsAboutNamesThatPublishBoth) {
  EXPECT_EQ(Judged(both_ip_versions_work, GoodObservation()), "not_applicable");
}

TEST(BothIpVersionsWork, TakesAnIpv4MappedAddressForNoIpv6) {
  EXPECT_EQ(Judged(both_ip_versions_work, With({GoodEndpoint("::ffff:192.0.2.1"), GoodEndpoint()})),
            "not_applicable");
}

TEST(BothIpVersionsWork, NeedsANetworkThatHasBoth) {
  Observation seen =
      With({Unreachable("2001:db8::1", Reason::kConnectUnreachable), GoodEndpoint()});
  seen.network_has_ipv6 = false;
  EXPECT_EQ(Judged(both_ip_versions_work, seen), "not_applicable");
}

TEST(BothIpVersionsWork, NeedsOneThatWorks) {
  EXPECT_EQ(
      Judged(both_ip_versions_work, With({Unreachable("2001:db8::1"), Unreachable("192.0.2.1")})),
      "not_observed");
}

TEST(ClockIsRight, ToleratesAMinuteEitherWay) {
  for (const double offset : {0.0, 60.0, -60.0}) {
    Observation seen = GoodObservation();
    seen.endpoints[0].clock_offset_seconds = offset;
    EXPECT_EQ(Judged(clock_is_right, seen), "pass") << offset;
  }
  for (const double offset : {61.0, -61.0, 1e9}) {
    Observation seen = GoodObservation();
    seen.endpoints[0].clock_offset_seconds = offset;
    EXPECT_EQ(Judged(clock_is_right, seen), "fail: clock_skew") << offset;
  }
}

TEST(ClockIsRight, NamesTheCacheThatAnswered) {
  Observation seen = GoodObservation();
  seen.endpoints[0].clock_offset_seconds = -120.0;
  EXPECT_EQ(clock_is_right.judge(seen).detail.find("cache"), std::string::npos);
  seen.endpoints[0].clock_age = std::chrono::seconds{3600};
  EXPECT_NE(clock_is_right.judge(seen).detail.find("a cache had kept for 3600 seconds"),
            std::string::npos);
}

TEST(ClockIsRight, NeedsADateHeader) {
  Observation seen = GoodObservation();
  seen.endpoints[0].clock_offset_seconds.reset();
  EXPECT_EQ(Judged(clock_is_right, seen), "not_observed");
}

}  // namespace
}  // namespace matrix_federation
