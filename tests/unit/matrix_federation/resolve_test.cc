#include "matrix_federation/resolve.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "fakes/run.h"
#include "fakes/world.h"
#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

using fakes::FakeWorld;

Dice SeededDice() {
  auto generator = std::make_shared<std::mt19937>(7U);
  return [generator](std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(*generator);
  };
}

// How often each target comes first in many draws, as a share.
std::map<std::string, double> SharesOfFirst(const std::vector<SrvRecord>& records) {
  constexpr int kDraws = 20'000;
  const Dice dice = SeededDice();
  std::map<std::string, double> shares;
  for (int i = 0; i < kDraws; ++i) shares[OrderServices(records, dice).front().target] += 1;
  for (auto& [target, share] : shares) share /= kDraws;
  return shares;
}

std::vector<std::string> TargetsOf(const std::vector<SrvRecord>& records) {
  std::vector<std::string> targets;
  for (const SrvRecord& record : records) targets.push_back(record.target);
  return targets;
}

TEST(OrderServices, PutsLowerPriorityValuesFirst) {
  const std::vector<SrvRecord> records = {{30, 100, 1, "c"}, {10, 0, 1, "a"}, {20, 65535, 1, "b"}};
  const Dice dice = SeededDice();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(TargetsOf(OrderServices(records, dice)), (std::vector<std::string>{"a", "b", "c"}));
  }
}

TEST(OrderServices, ChoosesInProportionToWeight) {
  const auto shares = SharesOfFirst({{10, 60, 1, "a"}, {10, 30, 1, "b"}, {10, 10, 1, "c"}});
  EXPECT_NEAR(shares.at("a"), 0.6, 0.02);
  EXPECT_NEAR(shares.at("b"), 0.3, 0.02);
  EXPECT_NEAR(shares.at("c"), 0.1, 0.02);
}

TEST(OrderServices, GivesWeightZeroASmallChance) {
  const auto shares = SharesOfFirst({{10, 9, 1, "a"}, {10, 0, 1, "b"}});
  EXPECT_NEAR(shares.at("b"), 0.1, 0.02) << "one of the ten numbers from 0 to 9";
}

TEST(OrderServices, KeepsEveryRecordOnce) {
  std::vector<SrvRecord> records;
  for (int i = 0; i < 50; ++i) {
    const auto number = static_cast<std::uint16_t>(i);
    records.push_back({static_cast<std::uint16_t>(i % 3), number, 1, std::to_string(i)});
  }
  auto targets = TargetsOf(OrderServices(records, SeededDice()));
  auto expected = TargetsOf(records);
  std::sort(targets.begin(), targets.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(targets, expected);
}

TEST(OrderServices, TakesNoneAndTheHeaviest) {
  EXPECT_TRUE(OrderServices({}, SeededDice()).empty());
  const std::vector<SrvRecord> heavy(1000, SrvRecord{1, 65535, 1, "a"});
  EXPECT_EQ(OrderServices(heavy, SeededDice()).size(), 1000U);
}

std::vector<HostObservation> LookUp(FakeWorld& world, std::vector<std::string> hosts) {
  return fakes::Run(LookUpHosts(std::move(hosts), world.world(), world.options,
                                world.clock.Steady() + std::chrono::seconds{30}));
}

TEST(LookUpHosts, PutsIpv6First) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.dns.AddAddress("example.org", "2001:db8::10");
  const auto hosts = LookUp(world, {"example.org"});
  ASSERT_EQ(hosts[0].addresses.size(), 2U);
  EXPECT_EQ(hosts[0].addresses[0].version(), 6);
}

TEST(LookUpHosts, AsksNoQuestionAboutAnAddress) {
  FakeWorld world;
  const auto hosts = LookUp(world, {"192.0.2.10"});
  EXPECT_TRUE(hosts[0].is_literal);
  EXPECT_EQ(hosts[0].addresses.size(), 1U);
  EXPECT_TRUE(world.dns.asked().empty());
}

TEST(LookUpHosts, AsksOnlyForIpVersionsInUse) {
  FakeWorld world;
  world.options.use_ipv6 = false;
  world.dns.AddAddress("example.org", "2001:db8::10");
  EXPECT_EQ(LookUp(world, {"example.org"})[0].failure->reason, Reason::kDnsNodata);
  ASSERT_EQ(world.dns.asked().size(), 1U);
  EXPECT_EQ(world.dns.asked()[0].type, DnsType::kA);
}

TEST(LookUpHosts, ClaimNothingOfRecordsForWhichTheyDidNotAsk) {
  FakeWorld world;
  world.dns.AddName("example.org");
  const auto detail = [&] { return LookUp(world, {"example.org"})[0].failure->detail; };
  EXPECT_EQ(detail(), "example.org has neither an A nor an AAAA record");
  world.options.use_ipv4 = false;
  EXPECT_TRUE(detail().starts_with("example.org has no AAAA record; ")) << detail();
  world.options = {.use_ipv6 = false};
  EXPECT_TRUE(detail().starts_with("example.org has no A record; ")) << detail();
}

TEST(LookUpHosts, IsContentWithOneOfTwoAnswers) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.dns.Fail("example.org", DnsType::kAaaa, DnsStatus::kServfail);
  EXPECT_FALSE(LookUp(world, {"example.org"})[0].failure);
}

TEST(LookUpHosts, RememberOfWhichIpVersionNothingIsKnown) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.dns.Fail("example.org", DnsType::kAaaa, DnsStatus::kTimeout);
  EXPECT_EQ(LookUp(world, {"example.org"})[0].unknown_ip_versions, std::set<int>{6});
  world.dns.Fail("example.org", DnsType::kAaaa, DnsStatus::kNodata);
  EXPECT_TRUE(LookUp(world, {"example.org"})[0].unknown_ip_versions.empty());
}

TEST(LookUpHosts, BlameTheResolverWhereThisMachineHasNoWayToWhatItFound) {
  FakeWorld world;
  world.federation.TakeAway(6);
  world.dns.AddAddress("example.org", "2001:db8::10");
  world.dns.Fail("example.org", DnsType::kA, DnsStatus::kRefused);
  EXPECT_EQ(LookUp(world, {"example.org"})[0].failure->reason, Reason::kDnsRefused);
  world.dns.Fail("example.org", DnsType::kA, DnsStatus::kNodata);
  EXPECT_FALSE(LookUp(world, {"example.org"})[0].failure);
}

TEST(LookUpHosts, BlamesTheResolverBeforeTheName) {
  const std::vector<std::pair<DnsStatus, Reason>> rows = {
      {DnsStatus::kServfail, Reason::kDnsServfail}, {DnsStatus::kRefused, Reason::kDnsRefused},
      {DnsStatus::kTimeout, Reason::kDnsTimeout},   {DnsStatus::kMalformed, Reason::kDnsMalformed},
      {DnsStatus::kNxdomain, Reason::kDnsNxdomain}, {DnsStatus::kNodata, Reason::kDnsNodata}};
  for (const auto& [status, reason] : rows) {
    FakeWorld world;
    world.dns.Fail("example.org", DnsType::kA, status);
    EXPECT_EQ(LookUp(world, {"example.org"})[0].failure->reason, reason) << Word(status);
  }
}

TEST(LookUpHosts, AskAgainOnlyWhatEndedInServfail) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  world.dns.Fail("example.org", DnsType::kA, DnsStatus::kServfail, 1);
  const auto hosts = LookUp(world, {"example.org"});
  EXPECT_FALSE(hosts[0].failure);
  EXPECT_EQ(hosts[0].attempts, 2);
  ASSERT_EQ(world.dns.asked().size(), 3U);
  EXPECT_EQ(world.dns.asked()[2].type, DnsType::kA);
}

TEST(LookUpHosts, AskAgainOnlyAsOftenAsTheyMay) {
  for (const int retries : {0, 2}) {
    FakeWorld world;
    world.options.retries = retries;
    world.dns.AddAddress("example.org", "192.0.2.10");
    world.dns.Fail("example.org", DnsType::kA, DnsStatus::kServfail);
    const auto hosts = LookUp(world, {"example.org"});
    EXPECT_EQ(hosts[0].failure->reason, Reason::kDnsServfail);
    EXPECT_EQ(hosts[0].attempts, 1 + retries);
  }
}

TEST(LookUpHosts, LetEveryOtherAnswerStand) {
  for (const DnsStatus status : {DnsStatus::kRefused, DnsStatus::kTimeout, DnsStatus::kMalformed,
                                 DnsStatus::kNxdomain, DnsStatus::kNodata}) {
    FakeWorld world;
    world.dns.AddName("example.org");
    world.dns.Fail("example.org", DnsType::kA, status);
    EXPECT_EQ(LookUp(world, {"example.org"})[0].attempts, 1) << Word(status);
    EXPECT_EQ(world.dns.asked().size(), 2U) << Word(status);
  }
}

TEST(LookUpHosts, DoNotWaitForASecondAnswerBeyondTheirTime) {
  FakeWorld world;
  world.dns.Fail("example.org", DnsType::kA, DnsStatus::kServfail);
  std::vector<std::string> hosts{"example.org"};
  const SteadyTime deadline = world.clock.Steady() + std::chrono::seconds{1};
  fakes::Run(LookUpHosts(std::move(hosts), world.world(), world.options, deadline));
  EXPECT_LT(world.clock.Steady(), deadline);
}

TEST(Resolve, AsksForServicesAgainAfterServfail) {
  FakeWorld world;
  const std::string service = "_matrix-fed._tcp.example.org";
  world.dns.AddService(service, {10, 0, 8448, "a.example.net"});
  world.dns.AddAddress("a.example.net", "192.0.2.1");
  world.dns.Fail(service, DnsType::kSrv, DnsStatus::kServfail, 1);
  const Observation seen = world.Look("example.org");
  EXPECT_EQ(seen.destination->host, "a.example.net");
  EXPECT_EQ(seen.services.at(0).attempts, 2);
}

TEST(LookUpHosts, KeepsTheHostsApart) {
  FakeWorld world;
  world.dns.AddAddress("a.example.org", "192.0.2.1");
  world.dns.AddAlias("b.example.org", "a.example.org");
  const auto hosts = LookUp(world, {"b.example.org", "none.example.org", "a.example.org"});
  EXPECT_TRUE(hosts[0].is_alias);
  EXPECT_EQ(hosts[0].addresses.size(), 1U);
  EXPECT_EQ(hosts[1].failure->reason, Reason::kDnsNxdomain);
  EXPECT_FALSE(hosts[2].is_alias);
}

TEST(Resolve, KeepsThePortInTheHostHeaderAsWritten) {
  FakeWorld world;
  world.dns.AddAddress("example.org", "192.0.2.10");
  const Observation seen = world.Look("example.org:08448");
  EXPECT_EQ(seen.destination->port, 8448);
  EXPECT_EQ(seen.destination->host_header, "example.org:08448");
}

TEST(Resolve, KnocksOnceAtAnAddressThatTwoTargetsShare) {
  FakeWorld world;
  world.dns.AddService("_matrix-fed._tcp.example.org", {10, 0, 8448, "a.example.net"});
  world.dns.AddService("_matrix-fed._tcp.example.org", {20, 0, 8448, "b.example.net"});
  world.dns.AddAddress("a.example.net", "192.0.2.1");
  world.dns.AddAddress("b.example.net", "192.0.2.1");
  EXPECT_EQ(world.Look("example.org").endpoints.size(), 1U);
}

TEST(Resolve, CountsTheAddressesBeyondItsLimit) {
  FakeWorld world;
  for (std::size_t i = 0; i < kEndpointsMax + 3; ++i) {
    world.dns.AddAddress("example.org", "192.0.2." + std::to_string(i));
  }
  const Observation seen = world.Look("example.org:8448");
  EXPECT_EQ(seen.endpoints.size(), kEndpointsMax);
  EXPECT_EQ(seen.endpoints_truncated, 3U);
}

void AddManyIpv6(FakeWorld& world, const std::string& name) {
  for (std::size_t i = 1; i <= kEndpointsMax; ++i) {
    world.dns.AddAddress(name, "2001:db8::" + std::to_string(i));
  }
}

std::size_t CountOf(const Observation& seen, int version) {
  return static_cast<std::size_t>(
      std::count_if(seen.endpoints.begin(), seen.endpoints.end(),
                    [&](const auto& each) { return each.address.ip.version() == version; }));
}

TEST(Resolve, LosesNoIpVersionBehindTheManyAddressesOfTheOther) {
  FakeWorld world;
  AddManyIpv6(world, "example.org");
  world.dns.AddAddress("example.org", "192.0.2.10");
  const Observation seen = world.Look("example.org:8448");
  EXPECT_EQ(CountOf(seen, 6), kEndpointsMax - 1);
  EXPECT_EQ(CountOf(seen, 4), 1U);
  EXPECT_TRUE(seen.truncated_ipv6);
  EXPECT_FALSE(seen.truncated_ipv4);
}

TEST(Resolve, LosesNoSrvTargetBehindTheManyAddressesOfTheFirst) {
  FakeWorld world;
  world.dns.AddService("_matrix-fed._tcp.example.org", {1, 0, 8448, "a.example.net"});
  world.dns.AddService("_matrix-fed._tcp.example.org", {2, 0, 8449, "b.example.net"});
  AddManyIpv6(world, "a.example.net");
  world.dns.AddAddress("b.example.net", "2001:db8::b:1");
  const Observation seen = world.Look("example.org");
  EXPECT_EQ(seen.endpoints.size(), kEndpointsMax);
  EXPECT_EQ(seen.endpoints.back().address.ToString(), "[2001:db8::b:1]:8449");
}

TEST(Resolve, GivesNoPlaceThatAnotherNeedsToAnIpVersionThatThisMachineLacks) {
  FakeWorld world;
  world.federation.TakeAway(6);
  AddManyIpv6(world, "example.org");
  for (std::size_t i = 1; i < kEndpointsMax; ++i) {
    world.dns.AddAddress("example.org", "192.0.2." + std::to_string(i));
  }
  const Observation seen = world.Look("example.org:8448");
  EXPECT_EQ(CountOf(seen, 4), kEndpointsMax - 1);
  EXPECT_EQ(CountOf(seen, 6), 1U);
}

TEST(Resolve, LooksUpOnlySoManySrvTargets) {
  FakeWorld world;
  for (std::size_t i = 0; i < kSrvTargetsMax + 4; ++i) {
    world.dns.AddService("_matrix-fed._tcp.example.org", {static_cast<std::uint16_t>(i), 0, 8448,
                                                          "t" + std::to_string(i) + ".net"});
  }
  EXPECT_EQ(world.Look("example.org").hosts.size(), kSrvTargetsMax);
}

TEST(Resolve, PassesOverANullTargetBesideRealOnes) {
  FakeWorld world;
  world.dns.AddService("_matrix-fed._tcp.example.org", {1, 0, 0, "."});
  world.dns.AddService("_matrix-fed._tcp.example.org", {2, 0, 8448, "a.example.net"});
  world.dns.AddAddress("a.example.net", "192.0.2.1");
  const Observation seen = world.Look("example.org");
  EXPECT_EQ(seen.destination->host, "a.example.net");
  EXPECT_EQ(seen.endpoints.size(), 1U);
}

TEST(Resolve, BlamesTheResolverWhenNoTargetHasAnAddress) {
  FakeWorld world;
  world.dns.AddService("_matrix-fed._tcp.example.org", {1, 0, 8448, "a.example.net"});
  world.dns.AddService("_matrix-fed._tcp.example.org", {2, 0, 8448, "b.example.net"});
  world.dns.Fail("b.example.net", DnsType::kA, DnsStatus::kTimeout);
  EXPECT_EQ(world.Look("example.org").discovery->reason, Reason::kDnsTimeout);
}

TEST(Resolve, EndsAtTheFirstServiceQueryThatFails) {
  const std::vector<std::pair<DnsStatus, Reason>> rows = {
      {DnsStatus::kServfail, Reason::kSrvLookupServfail},
      {DnsStatus::kRefused, Reason::kSrvLookupRefused},
      {DnsStatus::kTimeout, Reason::kSrvLookupTimeout},
      {DnsStatus::kMalformed, Reason::kSrvLookupMalformed}};
  for (const auto& [status, reason] : rows) {
    FakeWorld world;
    world.dns.AddAddress("example.org", "192.0.2.10");
    world.dns.Fail("_matrix-fed._tcp.example.org", DnsType::kSrv, status);
    EXPECT_EQ(world.Look("example.org").discovery->reason, reason) << Word(status);
    EXPECT_FALSE(world.dns.WasAsked("_matrix._tcp.example.org")) << Word(status);
  }
}

}  // namespace
}  // namespace matrix_federation
