#include <gtest/gtest.h>

#include "checks/all_checks.h"
#include "fakes/world.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

constexpr const char* kFile = R"({"m.server": "matrix.example.org:443"})";

// example.org delegates to matrix.example.org:443, which works.
struct DelegatingWorld : fakes::FakeWorld {
  DelegatingWorld() {
    dns.AddAddress("example.org", "192.0.2.1");
    dns.AddAddress("matrix.example.org", "192.0.2.10");
    AddWellKnown("192.0.2.1:443", "example.org", kFile);
    AddHomeserver("192.0.2.10:443", "example.org", "matrix.example.org");
  }
  std::string Judge(const Check& check) { return Judged(check, Look("example.org")); }
};

TEST(WellKnownIsConsistent, IsNotApplicableToOneAddress) {
  DelegatingWorld world;
  EXPECT_EQ(world.Judge(well_known_is_consistent), "not_applicable");
  EXPECT_EQ(world.web.requests().size(), 1U);
}

TEST(WellKnownIsConsistent, PassesWhenAllAddressesSayTheSame) {
  DelegatingWorld world;
  world.dns.AddAddress("example.org", "192.0.2.2");
  world.AddWellKnown("192.0.2.2:443", "example.org", kFile);
  EXPECT_EQ(world.Judge(well_known_is_consistent), "pass");
}

TEST(WellKnownIsConsistent, FailsWhenOneAddressDelegatesElsewhere) {
  DelegatingWorld world;
  world.dns.AddAddress("example.org", "192.0.2.2");
  world.AddWellKnown("192.0.2.2:443", "example.org", R"({"m.server": "old.example.org:443"})");
  EXPECT_EQ(world.Judge(well_known_is_consistent), "fail: wellknown_inconsistent");
}

TEST(WellKnownIsConsistent, FailsWhenOneAddressDoesNotAnswer) {
  DelegatingWorld world;
  world.dns.AddAddress("example.org", "192.0.2.2");
  EXPECT_EQ(world.Judge(well_known_is_consistent), "fail: wellknown_inconsistent");
}

TEST(WellKnownIsConsistent, IsNotApplicableWhereNoneDelegates) {
  fakes::FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.1");
  world.dns.AddAddress("example.org", "192.0.2.2");
  EXPECT_EQ(Judged(well_known_is_consistent, world.Look("example.org")), "not_applicable");
}

TEST(WellKnownIsConsistent, FailsWhenTheFirstAddressDidNotAnswer) {
  DelegatingWorld world;
  world.dns.AddAddress("example.org", "2001:db8::2");  // IPv6 is asked first
  EXPECT_EQ(world.Judge(well_known_is_consistent), "fail: wellknown_inconsistent");
}

TEST(WellKnownIsConsistent, LeavesOutAnIpVersionThatThisMachineLacks) {
  DelegatingWorld world;
  world.dns.AddAddress("example.org", "2001:db8::2");
  world.federation.TakeAway(6);
  EXPECT_EQ(world.Judge(well_known_is_consistent), "not_applicable");
}

TEST(WellKnownIsConsistent, ComparesWhereRedirectsLead) {
  DelegatingWorld world;
  world.dns.AddAddress("example.org", "192.0.2.2");
  world.dns.AddAddress("www.example.org", "192.0.2.3");
  world.AddWellKnown("192.0.2.3:443", "www.example.org", kFile);
  world.web.Listen("192.0.2.2:443", [](const WebRequest& request) {
    return fakes::Redirect(302, "https://www.example.org" + request.target,
                           fakes::TestCa().ChainFor("example.org"));
  });
  EXPECT_EQ(world.Judge(well_known_is_consistent), "pass");
}

TEST(WellKnownIsConsistent, NeverContactsADeniedAddress) {
  DelegatingWorld world;
  world.dns.AddAddress("example.org", "192.0.2.2");
  world.options.deny.Add("192.0.2.2/32");
  world.Look("example.org");
  for (const WebRequest& request : world.web.requests()) {
    EXPECT_NE(request.address.ToString(), "192.0.2.2:443");
  }
}

TEST(SrvAgreesWithWellKnown, IsNotApplicableWithoutRecords) {
  DelegatingWorld world;
  EXPECT_EQ(world.Judge(srv_agrees_with_well_known), "not_applicable");
}

TEST(SrvAgreesWithWellKnown, PassesWhenBothLeadToTheSamePlace) {
  DelegatingWorld world;
  world.dns.AddService("_matrix-fed._tcp.example.org", {10, 5, 443, "MATRIX.example.org"});
  EXPECT_EQ(world.Judge(srv_agrees_with_well_known), "pass");
}

TEST(SrvAgreesWithWellKnown, FailsWhenALeftoverLeadsElsewhere) {
  for (const char* name : {"_matrix-fed._tcp.example.org", "_matrix._tcp.example.org"}) {
    DelegatingWorld world;
    world.dns.AddService(name, {10, 5, 8448, "old.example.org"});
    EXPECT_EQ(world.Judge(srv_agrees_with_well_known), "fail: srv_contradicts_wellknown") << name;
  }
}

TEST(SrvAgreesWithWellKnown, DoesNotCountTheDeprecatedNameBesideTheCurrentOne) {
  DelegatingWorld world;
  world.dns.AddService("_matrix-fed._tcp.example.org", {10, 5, 443, "matrix.example.org"});
  world.dns.AddService("_matrix._tcp.example.org", {10, 5, 8448, "old.example.org"});
  EXPECT_EQ(world.Judge(srv_agrees_with_well_known), "pass");
}

TEST(SrvAgreesWithWellKnown, AsksForNothingWithoutAFile) {
  fakes::FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.AddHomeserver("192.0.2.10:8448", "example.org", "example.org");
  EXPECT_TRUE(world.Look("example.org").leftover_services.empty());
}

Observation WithPaths(std::optional<int> encoded, std::optional<int> plain) {
  Observation seen = GoodObservation();
  seen.endpoints[0].paths = {encoded, plain};
  return seen;
}

TEST(ProxyPreservesPaths, PassesWhenTheEncodedPathDemandsASignature) {
  EXPECT_EQ(Judged(proxy_preserves_paths, WithPaths(401, std::nullopt)), "pass");
}

TEST(ProxyPreservesPaths, FailsWhenOnlyThePlainPathDoes) {
  for (const int status : {400, 404, 403, 301}) {
    EXPECT_EQ(Judged(proxy_preserves_paths, WithPaths(status, 401)), "fail: proxy_decodes_paths")
        << status;
  }
}

TEST(ProxyPreservesPaths, CannotTellWhereNeitherDoes) {
  EXPECT_EQ(Judged(proxy_preserves_paths, WithPaths(404, 404)), "not_applicable");
}

TEST(ProxyPreservesPaths, TakesNoOverloadForARefusal) {
  EXPECT_EQ(Judged(proxy_preserves_paths, WithPaths(503, 401)), "not_applicable");
  EXPECT_EQ(Judged(proxy_preserves_paths, WithPaths(429, 401)), "not_applicable");
}

TEST(ProxyPreservesPaths, IsNotObservedWithoutAnAnswer) {
  EXPECT_EQ(Judged(proxy_preserves_paths, WithPaths(std::nullopt, std::nullopt)), "not_observed");
  EXPECT_EQ(Judged(proxy_preserves_paths, WithPaths(403, std::nullopt)), "not_observed");
}

}  // namespace
}  // namespace matrix_federation
