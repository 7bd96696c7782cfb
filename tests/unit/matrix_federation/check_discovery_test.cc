#include <gtest/gtest.h>

#include "checks/all_checks.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

using Words = std::set<std::string>;

// A name that is invalid leaves nothing else to observe.
Observation InvalidName() { return {.queried_name = "a b", .name = ServerName::Parse("a b")}; }

// A name with a port: neither file nor SRV records are asked for.
Observation NameWithPort() {
  Observation seen = GoodObservation();
  seen.well_known = {};
  seen.services.clear();
  seen.destination->step = Step::k2;
  return seen;
}

// SRV records with one target that has an address.
Observation WithServices(bool deprecated = false) {
  Observation seen = GoodObservation();
  seen.services = {{.name = "_matrix-fed._tcp.example.org",
                    .deprecated = deprecated,
                    .status = DnsStatus::kFound,
                    .records = {{10, 5, 8448, "matrix.example.org"}}}};
  seen.hosts[0].host = "matrix.example.org";
  seen.destination->step = deprecated ? Step::k5 : Step::k4;
  return seen;
}

// A lookup of the destination that ended without an address.
Observation WithoutAddress(Reason reason) {
  Observation seen = GoodObservation();
  seen.endpoints.clear();
  seen.discovery = Because(reason);
  return seen;
}

Observation WellKnownFailedWith(Reason reason) {
  Observation seen = GoodObservation();
  seen.well_known.status.reset();
  seen.well_known.failure = Because(reason);
  return seen;
}

TEST(ServerNameIsValid, PassesForAValidName) {
  EXPECT_EQ(Judged(server_name_is_valid, GoodObservation()), "pass");
  EXPECT_EQ(Found(server_name_is_valid, GoodObservation()), Words{});
}

TEST(ServerNameIsValid, FailsWithTheReasonOfTheName) {
  EXPECT_EQ(Judged(server_name_is_valid, InvalidName()), "fail: server_name_invalid_hostname");
}

TEST(ServerNameIsValid, PassesWithAWarningForUpperCase) {
  Observation seen = GoodObservation();
  seen.name = ServerName::Parse("Example.org");
  EXPECT_EQ(Judged(server_name_is_valid, seen), "pass");
  EXPECT_EQ(Found(server_name_is_valid, seen), Words{"server_name_uppercase"});
}

TEST(WellKnownIsUsable, IsNotApplicableWithoutAFile) {
  EXPECT_EQ(Judged(well_known_is_usable, GoodObservation()), "not_applicable") << "404";
  EXPECT_EQ(Judged(well_known_is_usable, NameWithPort()), "not_applicable") << "not asked for";
}

TEST(WellKnownIsUsable, IsNotObservedForAnInvalidName) {
  EXPECT_EQ(Judged(well_known_is_usable, InvalidName()), "not_observed");
}

TEST(WellKnownIsUsable, PassesForAFileThatDelegates) {
  Observation seen = GoodObservation();
  seen.well_known.failure.reset();
  EXPECT_EQ(Judged(well_known_is_usable, seen), "pass");
}

TEST(WellKnownIsUsable, FailsForAnythingButAClean404) {
  EXPECT_EQ(Judged(well_known_is_usable, WellKnownFailedWith(Reason::kWellknownTimeout)),
            "fail: wellknown_timeout");
  Observation seen = WellKnownFailedWith(Reason::kWellknownHttpStatus);
  seen.well_known.status = 500;
  EXPECT_EQ(Judged(well_known_is_usable, seen), "fail: wellknown_http_status");
}

TEST(WellKnownIsUsable, WarnsOfAFileThatIsServedInVain) {
  Observation seen = WellKnownFailedWith(Reason::kWellknownInvalidJson);
  EXPECT_EQ(Found(well_known_is_usable, seen), Words{});
  seen.well_known.served = true;
  EXPECT_EQ(Found(well_known_is_usable, seen), Words{"wellknown_ignored"});
}

TEST(WellKnownIsUsable, WarnsOfARedirectToHttpEvenIfTheFileIsGood) {
  Observation seen = GoodObservation();
  seen.well_known.failure.reset();
  seen.well_known.left_https = true;
  EXPECT_EQ(Judged(well_known_is_usable, seen), "pass");
  EXPECT_EQ(Found(well_known_is_usable, seen), Words{"wellknown_redirect_to_http"});
}

TEST(WellKnownCertificateIsValid, PassesForAVerifiedSession) {
  EXPECT_EQ(Judged(well_known_certificate_is_valid, GoodObservation()), "pass");
}

TEST(WellKnownCertificateIsValid, FailsWithWhatIsWrongWithIt) {
  Observation seen = GoodObservation();
  seen.well_known.tls->name = Because(Reason::kTlsCertNameMismatch);
  EXPECT_EQ(Judged(well_known_certificate_is_valid, seen), "fail: tls_cert_name_mismatch");
}

WellKnownAddress Presenting(const std::string& ip, std::shared_ptr<ChainAssessment> chain) {
  return {.address = {IpAddress::Parse(ip).value(), 443},
          .tls = TlsObservation{.chain = std::move(chain)}};
}

TEST(WellKnownCertificateIsValid, FailsForAnAddressThatTheReloadDidNotReach) {
  Observation seen = GoodObservation();
  auto old = GoodChain();
  old->certificates[0].fingerprint_sha256 = "01d";
  old->certificates[0].not_after -= std::chrono::days(48);
  old->dates = Because(Reason::kTlsCertExpired);
  seen.well_known.answers = {Presenting("2001:db8::80", GoodChain()),
                             Presenting("192.0.2.80", old)};
  EXPECT_EQ(Judged(well_known_certificate_is_valid, seen), "fail: tls_cert_expired");
  EXPECT_EQ(
      well_known_certificate_is_valid.judge(seen).detail,
      "the certificate 'example.org' served on 192.0.2.80:443 expired on "
      "2027-01-12T00:00:00Z, 3 days ago; [2001:db8::80]:443 serves the renewed one, valid "
      "until 2027-03-01T00:00:00Z: the reload did not reach 192.0.2.80:443; bring the renewed "
      "one there, if it is not, and reload the server");
}

TEST(WellKnownCertificateIsValid, SaysWhereTheOnlyAddressIs) {
  Observation seen = GoodObservation();
  seen.well_known.addresses = {Presenting("192.0.2.80", GoodChain())};
  seen.well_known.addresses[0].tls->name = Because(Reason::kTlsCertNameMismatch);
  EXPECT_EQ(well_known_certificate_is_valid.judge(seen).detail,
            "192.0.2.80:443: because of tls_cert_name_mismatch");
}

TEST(WellKnownCertificateIsValid, NeedsAHandshake) {
  Observation seen = GoodObservation();
  seen.well_known.tls.reset();
  EXPECT_EQ(Judged(well_known_certificate_is_valid, seen), "not_observed");
  EXPECT_EQ(Judged(well_known_certificate_is_valid, InvalidName()), "not_observed");
  EXPECT_EQ(Judged(well_known_certificate_is_valid, NameWithPort()), "not_applicable");
}

TEST(SrvLookupWorks, PassesWhenRecordsAreFoundOrCleanlyAbsent) {
  EXPECT_EQ(Judged(srv_lookup_works, GoodObservation()), "pass");
  EXPECT_EQ(Judged(srv_lookup_works, WithServices()), "pass");
}

TEST(SrvLookupWorks, FailsWhenTheQueryDoes) {
  Observation seen = WithoutAddress(Reason::kSrvLookupServfail);
  seen.services = {{.name = "_matrix-fed._tcp.example.org", .status = DnsStatus::kServfail}};
  EXPECT_EQ(Judged(srv_lookup_works, seen), "fail: srv_lookup_servfail");
  EXPECT_EQ(Judged(destination_resolves, seen), "not_observed") << "it is not to blame";
}

TEST(SrvLookupWorks, IsAboutQueriesThatWereAsked) {
  EXPECT_EQ(Judged(srv_lookup_works, NameWithPort()), "not_applicable");
  EXPECT_EQ(Judged(srv_lookup_works, InvalidName()), "not_observed");
}

TEST(SrvUsesCurrentName, IsAboutRecordsThatWereFound) {
  EXPECT_EQ(Judged(srv_uses_current_name, GoodObservation()), "not_applicable");
  EXPECT_EQ(Judged(srv_uses_current_name, WithServices()), "pass");
  EXPECT_EQ(Judged(srv_uses_current_name, WithServices(true)), "fail: deprecated_srv_used");
  EXPECT_EQ(Found(srv_uses_current_name, WithServices(true)), Words{"deprecated_srv_used"});
}

TEST(SrvTargetsAreHosts, IsAboutRecordsThatWereFound) {
  EXPECT_EQ(Judged(srv_targets_are_hosts, GoodObservation()), "not_applicable");
  EXPECT_EQ(Judged(srv_targets_are_hosts, WithServices()), "pass");
}

TEST(SrvTargetsAreHosts, FindsWhatIsNoHost) {
  Observation alias = WithServices();
  alias.hosts[0].is_alias = true;
  EXPECT_EQ(Judged(srv_targets_are_hosts, alias), "fail: srv_target_is_cname");

  Observation literal = WithServices();
  literal.hosts[0].is_literal = true;
  EXPECT_EQ(Judged(srv_targets_are_hosts, literal), "fail: srv_target_is_ip");

  Observation null_target = WithServices();
  null_target.services[0].records.push_back({20, 0, 0, "."});
  EXPECT_EQ(Judged(srv_targets_are_hosts, null_target), "fail: srv_null_target");

  Observation without_port = WithServices();
  without_port.services[0].records.push_back({20, 0, 0, "other.example.org"});
  EXPECT_EQ(Judged(srv_targets_are_hosts, without_port), "fail: srv_invalid_port");
}

TEST(SrvTargetsAreHosts, FindsAllThatIsWrong) {
  Observation seen = WithServices();
  seen.hosts[0].is_alias = true;
  seen.hosts.push_back({.host = "gone.example.org", .failure = Because(Reason::kDnsNxdomain)});
  EXPECT_EQ(Found(srv_targets_are_hosts, seen),
            (Words{"srv_target_is_cname", "srv_target_no_address"}));
}

TEST(DestinationResolves, PassesWithAnAddress) {
  EXPECT_EQ(Judged(destination_resolves, GoodObservation()), "pass");
}

TEST(DestinationResolves, FailsWithTheReasonOfDiscovery) {
  for (const Reason reason : {Reason::kDnsNxdomain, Reason::kSrvServiceDisabled,
                              Reason::kSrvInvalidPort, Reason::kProbeTimeout}) {
    EXPECT_EQ(Judged(destination_resolves, WithoutAddress(reason)),
              "fail: " + std::string(Word(reason)));
  }
}

TEST(DestinationResolves, FailsForADefectOfThisProgramWhateverElseWasSeen) {
  Observation seen = GoodObservation();
  seen.internal_error = Because(Reason::kInternalError);
  EXPECT_EQ(Judged(destination_resolves, seen), "fail: internal_error");
}

TEST(DestinationResolves, IsNotObservedForAnInvalidName) {
  EXPECT_EQ(Judged(destination_resolves, InvalidName()), "not_observed");
}

}  // namespace
}  // namespace matrix_federation
