#include <algorithm>
#include <map>
#include <random>

#include "conformance/case_world.h"
#include "conformance/vectors.h"

namespace conformance {
namespace {

namespace mf = matrix_federation;

class Resolution : public testing::TestWithParam<Case> {};
class WellKnown : public testing::TestWithParam<Case> {};
class Srv : public testing::TestWithParam<Case> {};
class Tls : public testing::TestWithParam<Case> {};
class VersionEndpoint : public testing::TestWithParam<Case> {};

bool IsCompared(const Case& each, const std::string& field) {
  const auto free = TextsOf(each.expected["not_compared"]);
  return std::find(free.begin(), free.end(), field) == free.end();
}

// Compares one field unless its value is free.
void ExpectField(const Case& each, const std::string& field, const std::string& actual) {
  if (!IsCompared(each, field)) return;
  const auto right = RightValues(each, field);
  EXPECT_TRUE(right.contains(actual))
      << field << " is " << actual << " instead of " << *right.begin();
}

void ExpectWellKnown(const Case& each, const mf::WellKnownObservation& lookup) {
  std::string outcome = "skipped";
  if (lookup.attempted) outcome = lookup.failure ? "error" : "ok";
  ExpectField(each, "wellknown.attempted", lookup.attempted ? "true" : "false");
  ExpectField(each, "wellknown.outcome", outcome);
  ExpectField(each, "wellknown.reason", ReasonText(lookup.failure));
  ExpectField(each, "wellknown.m_server", lookup.delegated ? lookup.delegated->text() : "null");
}

void ExpectDestination(const Case& each, const mf::Observation& seen) {
  ASSERT_TRUE(seen.destination);
  const mf::Destination& to = *seen.destination;
  const bool is_address = to.certificate_name.type == mf::CertificateName::Type::kIp;
  ExpectField(each, "step", std::string(Word(to.step)));
  ExpectField(each, "host_header", to.host_header);
  ExpectField(each, "sni", to.sni.value_or("null"));
  ExpectField(each, "cert_name.type", is_address ? "ip" : "dns");
  ExpectField(each, "cert_name.value", to.certificate_name.value);
}

std::vector<std::string> AddressesOf(const mf::Observation& seen) {
  std::vector<std::string> addresses;
  for (const auto& endpoint : seen.endpoints) addresses.push_back(endpoint.address.ToString());
  return addresses;
}

// The vectors end with the first address that works; this library goes on to the other ones.
void ExpectConnects(const Case& each, const mf::Observation& seen) {
  if (!IsCompared(each, "connect")) return;
  auto expected = TextsOf(each.expected["connect"]);
  auto actual = AddressesOf(seen);
  if (each.expected["connect_unordered"]) {
    std::sort(expected.begin(), expected.end());
    std::sort(actual.begin(), actual.end());
    EXPECT_EQ(actual, expected);
    return;
  }
  const auto first_working = std::find_if(seen.endpoints.begin(), seen.endpoints.end(),
                                          [](const auto& e) { return mf::EndpointWorks(e); });
  if (first_working != seen.endpoints.end()) {
    actual.resize(static_cast<std::size_t>(first_working - seen.endpoints.begin()) + 1);
  }
  EXPECT_EQ(actual, expected);
}

// What went over the wire, not only what was meant.
void ExpectIntroductions(const Case& each, const std::vector<mf::Endpoint>& knocks) {
  for (const mf::Endpoint& knock : knocks) {
    ExpectField(each, "host_header", knock.host_header);
    ExpectField(each, "sni", knock.sni.value_or("null"));
  }
}

void ExpectVerdict(const Case& each, const mf::Report& report) {
  ExpectField(each, "federation_ok", report.federation_ok ? "true" : "false");
  ExpectField(each, "reason", report.root_cause ? std::string(report.root_cause->reason) : "null");
  const auto words = WordsOf(report.warnings);
  for (const std::string& warning : TextsOf(each.expected["warnings"])) {
    EXPECT_TRUE(words.contains(warning)) << "the warning " << warning << " is missing";
  }
}

void ExpectReport(const Case& each) {
  CaseWorld world(each);
  const mf::Report report = world.Probe();
  ExpectWellKnown(each, report.observation.well_known);
  ExpectDestination(each, report.observation);
  ExpectConnects(each, report.observation);
  ExpectIntroductions(each, world.fakes().federation.knocks());
  ExpectVerdict(each, report);
}

TEST_P(Resolution, Holds) { ExpectReport(GetParam()); }
TEST_P(WellKnown, Holds) { ExpectReport(GetParam()); }
TEST_P(Tls, Holds) { ExpectReport(GetParam()); }

// How often each SRV target comes first, when a case says how often it should.
void ExpectSelection(const Case& each) {
  constexpr int kRuns = 1000;
  CaseWorld world(each);
  std::mt19937 generator(1);  // NOLINT(cert-msc51-cpp): the same numbers in every run
  world.fakes().dice = [&](std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(generator);
  };
  std::map<std::string, int> first;
  for (int run = 0; run < kRuns; ++run) ++first[world.Probe().observation.destination->host];
  for (const auto& share : each.expected["selection"]) {
    EXPECT_NEAR(static_cast<double>(first[share.first.as<std::string>()]) / kRuns,
                share.second.as<double>(), 0.05);
  }
}

TEST_P(Srv, Holds) {
  ExpectReport(GetParam());
  if (GetParam().expected["selection"]) ExpectSelection(GetParam());
}

TEST_P(VersionEndpoint, Holds) {
  const Case& each = GetParam();
  const mf::Report report = CaseWorld(each).Probe();
  ExpectVerdict(each, report);
  ExpectField(each, "step", std::string(Word(report.observation.destination.value().step)));
  const auto& version = report.observation.endpoints.at(0).version;
  ASSERT_TRUE(version);
  ExpectField(each, "version_ok", version->ok() ? "true" : "false");
  ExpectField(each, "version_reason", ReasonText(version->failure));
}

INSTANTIATE_TEST_SUITE_P(Vectors, Resolution, testing::ValuesIn(CasesWith("resolution", "servers")),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, WellKnown, testing::ValuesIn(CasesWith("wellknown", "servers")),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, Srv, testing::ValuesIn(CasesWith("srv", "servers")), NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, Tls, testing::ValuesIn(CasesWith("tls", "servers")), NameOf);
INSTANTIATE_TEST_SUITE_P(Vectors, VersionEndpoint,
                         testing::ValuesIn(CasesWith("version", "servers")), NameOf);

}  // namespace
}  // namespace conformance
