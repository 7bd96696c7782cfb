#include <gtest/gtest.h>

#include "checks/all_checks.h"
#include "matrix_federation/report.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

Observation Expecting(Expectations expected, Observation seen = GoodObservation()) {
  seen.expected = std::move(expected);
  return seen;
}

Observation Delegated(const std::string& to, const std::string& host, std::uint16_t port) {
  Observation seen = GoodObservation();
  seen.well_known.failure.reset();
  seen.well_known.delegated = *ServerName::Parse(to);
  seen.destination->step = Step::k32;
  seen.destination->host = host;
  seen.destination->port = port;
  return seen;
}

TEST(Expectations, AreNotApplicableUnlessConfigured) {
  for (const Check* check : {&delegation_is_expected, &software_is_expected, &version_is_expected,
                             &ip_versions_are_expected}) {
    EXPECT_EQ(Judged(*check, GoodObservation()), "not_applicable") << check->name;
  }
}

TEST(Expectations, ComeAfterAllThatFederationDependsOn) {
  bool expectations = false;
  for (const Check* check : AllChecks()) {
    EXPECT_TRUE(IsExpectation(check->name) || !expectations) << check->name;
    expectations = IsExpectation(check->name);
  }
  EXPECT_TRUE(expectations);
}

TEST(Expectations, HaveNoPartInWhetherEveryAddressWorks) {
  const Report report = Judge(Expecting({.software = "Dendrite"}));
  EXPECT_FALSE(report.federation_ok);
  EXPECT_TRUE(FailsOnlyExpectations(report));
  EXPECT_TRUE(report.all_addresses_ok);
}

TEST(Expectations, AreNotAllThatFailsWhereNoAddressWorks) {
  Observation seen = GoodObservation();
  seen.endpoints[0].connect = Because(Reason::kConnectRefused);
  const Report report = Judge(Expecting({.delegation = "matrix.example.org"}, std::move(seen)));
  EXPECT_FALSE(FailsOnlyExpectations(report));
  EXPECT_FALSE(report.all_addresses_ok);
}

TEST(DelegationIsExpected, PassesWhereDiscoveryLeadsThere) {
  const Observation seen = Delegated("Matrix.example.org:443", "matrix.example.org", 443);
  for (const char* expected : {"matrix.example.org:443", "matrix.example.org"}) {
    EXPECT_EQ(Judged(delegation_is_expected, Expecting({.delegation = expected}, seen)), "pass")
        << expected;
  }
}

TEST(DelegationIsExpected, ComparesAddressesAndNotHowTheyAreWritten) {
  const Observation seen = Delegated("[2001:db8::1]:8448", "2001:db8::1", 8448);
  const auto judged = [&](const char* expected) {
    return Judged(delegation_is_expected, Expecting({.delegation = expected}, seen));
  };
  EXPECT_EQ(judged("[2001:DB8:0:0::1]:8448"), "pass");
  EXPECT_EQ(judged("[2001:db8::2]:8448"), "fail: expectation_delegation");
}

TEST(DelegationIsExpected, AcceptsTheDelegatedNameBehindSrvRecords) {
  const Observation seen = Delegated("matrix.example.org", "node1.example.net", 8448);
  EXPECT_EQ(Judged(delegation_is_expected, Expecting({.delegation = "matrix.example.org"}, seen)),
            "pass");
}

// Discovery by SRV records, of which the first one was drawn.
Observation ByServices(std::vector<SrvRecord> records) {
  Observation seen = GoodObservation();
  seen.destination->step = Step::k4;
  seen.destination->host = records.front().target;
  seen.destination->port = records.front().port;
  seen.services = {{.name = "_matrix-fed._tcp.example.org",
                    .status = DnsStatus::kFound,
                    .records = std::move(records)}};
  return seen;
}

TEST(DelegationIsExpected, AcceptsEachOfTheSrvRecordsAmongWhichChanceDecides) {
  const Observation seen =
      ByServices({{10, 5, 8448, "b.example.net"}, {10, 5, 8448, "a.example.net"}});
  for (const char* expected : {"a.example.net:8448", "b.example.net"}) {
    EXPECT_EQ(Judged(delegation_is_expected, Expecting({.delegation = expected}, seen)), "pass")
        << expected;
  }
}

TEST(DelegationIsExpected, FailsForASrvRecordThatIsOnlyToStepIn) {
  const Observation seen =
      ByServices({{10, 5, 8448, "b.example.net"}, {20, 5, 8448, "a.example.net"}});
  EXPECT_EQ(Judged(delegation_is_expected, Expecting({.delegation = "a.example.net"}, seen)),
            "fail: expectation_delegation");
}

TEST(LastingDestination, IsTheSameWhateverWasDrawn) {
  const SrvRecord light{10, 1, 8448, "a.example.net"};
  const SrvRecord heavy{10, 5, 8449, "c.example.net"};
  const SrvRecord as_heavy{10, 5, 8448, "d.example.net"};
  const SrvRecord nowhere{1, 9, 0, "."};
  for (auto records : {std::vector{light, heavy, as_heavy, nowhere},
                       std::vector{as_heavy, light, heavy, nowhere}}) {
    const Destination destination = LastingDestination(ByServices(std::move(records)));
    EXPECT_EQ(destination.host, "c.example.net");
    EXPECT_EQ(destination.port, 8449);
  }
}

TEST(DelegationIsExpected, FailsWhenTheFileIsLostThoughThePortStillAnswers) {
  const Report report =
      Judge(Expecting({.delegation = "matrix.example.org:443"}, GoodObservation()));
  EXPECT_FALSE(report.federation_ok);
  EXPECT_EQ(report.root_cause->reason, "expectation_delegation");
  EXPECT_NE(report.root_cause->detail.find("example.org:8448 (step 6)"), std::string::npos);
}

TEST(DelegationIsExpected, FailsForAnotherPort) {
  const Observation seen = Delegated("matrix.example.org:8443", "matrix.example.org", 8443);
  EXPECT_EQ(
      Judged(delegation_is_expected, Expecting({.delegation = "matrix.example.org:443"}, seen)),
      "fail: expectation_delegation");
}

TEST(DelegationIsExpected, IsNotObservedWithoutADestination) {
  Observation seen = GoodObservation();
  seen.destination.reset();
  EXPECT_EQ(Judged(delegation_is_expected, Expecting({.delegation = "example.org"}, seen)),
            "not_observed");
}

TEST(SoftwareIsExpected, ComparesNamesWhateverTheirCase) {
  EXPECT_EQ(Judged(software_is_expected, Expecting({.software = "synapse"})), "pass");
  EXPECT_EQ(Judged(software_is_expected, Expecting({.software = "Dendrite"})),
            "fail: expectation_software");
}

TEST(SoftwareIsExpected, IsNotObservedWithoutAVersion) {
  Observation seen = GoodObservation();
  seen.endpoints[0].version = ServerVersion{.failure = Because(Reason::kVersionHttpStatus)};
  EXPECT_EQ(Judged(software_is_expected, Expecting({.software = "Synapse"}, seen)), "not_observed");
}

TEST(VersionIsExpected, ComparesByNumber) {
  EXPECT_EQ(Judged(version_is_expected, Expecting({.min_version = "1.157.1"})), "pass");
  EXPECT_EQ(Judged(version_is_expected, Expecting({.min_version = "1.99"})), "pass");
  EXPECT_EQ(Judged(version_is_expected, Expecting({.min_version = "1.158"})),
            "fail: expectation_version");
}

TEST(VersionIsExpected, FailsWhenTheVersionCannotBeCompared) {
  Observation seen = GoodObservation();
  seen.endpoints[0].version->version = "unknown";
  EXPECT_EQ(Judged(version_is_expected, Expecting({.min_version = "1.0"}, seen)),
            "fail: expectation_version");
}

TEST(IpVersionsAreExpected, DemandAWorkingAddressOfEach) {
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4}})), "pass");
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4, 6}})),
            "fail: expectation_ip_version");
  Observation both = GoodObservation();
  both.endpoints.push_back(GoodEndpoint("2001:db8::10"));
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4, 6}}, both)), "pass");
}

TEST(IpVersionsAreExpected, TakeAnIpv4MappedAddressForNoIpv6) {
  Observation seen = GoodObservation();
  seen.endpoints.push_back(GoodEndpoint("::ffff:192.0.2.10"));
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4, 6}}, seen)),
            "fail: expectation_ip_version");
}

TEST(IpVersionsAreExpected, SayNothingWhereThisMachineLacksTheVersion) {
  Observation seen = GoodObservation();
  seen.network_has_ipv6 = false;
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {6}}, seen)),
            "not_observed");
}

TEST(IpVersionsAreExpected, SayNothingOfAVersionWhoseAddressesWereNotAllTried) {
  Observation seen = GoodObservation();
  seen.truncated_ipv6 = true;
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4, 6}}, seen)),
            "not_observed");
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4}}, seen)), "pass");
}

TEST(IpVersionsAreExpected, SayNothingOfAVersionOfWhichTheDnsSaidNothing) {
  Observation seen = GoodObservation();
  seen.hosts.push_back({.host = "example.org", .unknown_ip_versions = {6}});
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4, 6}}, seen)),
            "not_observed");
  seen.hosts.back().unknown_ip_versions = {4};
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4, 6}}, seen)),
            "fail: expectation_ip_version");
}

TEST(IpVersionsAreExpected, LeaveTheRootCauseToTheOthersWhenNothingWorks) {
  Observation seen = GoodObservation();
  seen.endpoints[0].connect = Because(Reason::kConnectRefused);
  EXPECT_EQ(Judged(ip_versions_are_expected, Expecting({.ip_versions = {4}}, seen)),
            "not_observed");
}

}  // namespace
}  // namespace matrix_federation
