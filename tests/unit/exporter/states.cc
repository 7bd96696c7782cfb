#include "unit/exporter/states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "unit/exporter/reports.h"

namespace exporter {
namespace {

using matrix_federation::CertificateFacts;
using matrix_federation::ChainAssessment;
using matrix_federation::Failure;
using matrix_federation::Reason;
using matrix_federation::SystemSeconds;
using std::chrono::seconds;

CertificateFacts Facts(const std::string& name) {
  return {.subject_cn = name,
          .issuer_cn = name + "'s issuer",
          .dns_names = {name, "*." + name},
          .ip_addresses = {"192.0.2.1"},
          .serial_number = "03ab",
          .fingerprint_sha256 = name + "'s fingerprint",
          .not_before = SystemSeconds{seconds{1'796'083'200}},
          .not_after = SystemSeconds{seconds{253'402'300'799}}};
}

std::shared_ptr<const ChainAssessment> Chain(const std::string& name) {
  return std::make_shared<ChainAssessment>(
      ChainAssessment{{Facts(name), Facts("intermediate")},
                      Failure{Reason::kTlsCertUntrusted, "nobody trusts " + name},
                      Failure{Reason::kTlsCertExpired, name + " has expired"}});
}

History FullHistory() {
  const auto chain = Chain("example.org");
  History history;
  history.probes = 1000;
  history.failures = 100;
  history.consecutive_failures = 10;
  history.discovery_changes = 1;
  history.certificate_changes[0] = 2;
  history.certificate_changes[1] = 3;
  history.signing_key_changes = 4;
  history.last_ok = false;
  history.last_finished = kFinishedAt;
  history.last_success = kFinishedAt - seconds(600);
  history.last_state_change = kFinishedAt - seconds(540);
  history.certificates[0] = {{chain, Chain("other.example.org"), chain}, kFinishedAt - seconds(1)};
  history.certificates[1] = {{Chain("www.example.org")}, kFinishedAt - seconds(2)};
  history.last_destinations = {11, 12};
  history.last_leaves[0] = {21, 22, 23};
  history.last_leaves[1] = {31};
  history.last_keys = {41, ~std::uint64_t{0}};
  history.known_keys = {{"ed25519:auto", std::string("\0\xff\n\"", 4), kFinishedAt - seconds(3)},
                        {"ed25519:b", std::string(32, 'k'), kFinishedAt - seconds(4)}};
  history.episodes = {
      {kFinishedAt - seconds(1200), kFinishedAt - seconds(600), 11, "", ""},
      {kFinishedAt - seconds(540), kFinishedAt, 10, "destination_resolves", "dns_nxdomain"}};
  return history;
}

Summary FullSummary() {
  Watched watched;
  Summary summary = Summarize(watched.Take(HealthyObservation()));
  summary.federation_ok = false;
  summary.check = "destination_resolves";
  summary.reason = "dns_nxdomain";
  summary.detail = "matrix.example.org does not exist";
  summary.warnings = 5;
  return summary;
}

Details FullDetails() {
  return {.report = R"({"server_name":"example.org"})", .key_documents = {"", R"({"a": 1})"}};
}

void ExpectSame(const CertificateFacts& actual, const CertificateFacts& expected) {
  EXPECT_EQ(actual.subject_cn, expected.subject_cn);
  EXPECT_EQ(actual.issuer_cn, expected.issuer_cn);
  EXPECT_EQ(actual.dns_names, expected.dns_names);
  EXPECT_EQ(actual.ip_addresses, expected.ip_addresses);
  EXPECT_EQ(actual.serial_number, expected.serial_number);
  EXPECT_EQ(actual.fingerprint_sha256, expected.fingerprint_sha256);
  EXPECT_EQ(actual.not_before, expected.not_before);
  EXPECT_EQ(actual.not_after, expected.not_after);
}

void ExpectSame(const SeenCertificates& actual, const SeenCertificates& expected) {
  EXPECT_EQ(actual.seen_at, expected.seen_at);
  ASSERT_EQ(actual.chains.size(), expected.chains.size());
  for (std::size_t i = 0; i < actual.chains.size(); ++i) {
    const ChainAssessment& chain = *actual.chains[i];
    const ChainAssessment& other = *expected.chains[i];
    EXPECT_EQ(chain.trust, other.trust);
    EXPECT_EQ(chain.dates, other.dates);
    ASSERT_EQ(chain.certificates.size(), other.certificates.size());
    for (std::size_t j = 0; j < chain.certificates.size(); ++j) {
      ExpectSame(chain.certificates[j], other.certificates[j]);
    }
  }
}

}  // namespace

StateRecord FullRecord(const std::string& server_name) {
  Watched watched;
  const auto report = watched.Take(HealthyObservation());
  auto block =
      *RenderBlock({watched.server, watched.settings, watched.history, &report, kFinishedAt});
  block.stale_at.reset();
  return {server_name, FullHistory(), std::move(block), FullSummary(), Pack(FullDetails())};
}

void ExpectSame(const StateRecord& actual, const StateRecord& expected) {
  EXPECT_EQ(actual.server_name, expected.server_name);
  const History& history = actual.history;
  const History& other = expected.history;
  EXPECT_EQ(history.probes, other.probes);
  EXPECT_EQ(history.failures, other.failures);
  EXPECT_EQ(history.consecutive_failures, other.consecutive_failures);
  EXPECT_EQ(history.discovery_changes, other.discovery_changes);
  EXPECT_EQ(history.signing_key_changes, other.signing_key_changes);
  EXPECT_EQ(history.last_ok, other.last_ok);
  EXPECT_EQ(history.last_finished, other.last_finished);
  EXPECT_EQ(history.last_success, other.last_success);
  EXPECT_EQ(history.last_state_change, other.last_state_change);
  EXPECT_EQ(history.last_destinations, other.last_destinations);
  EXPECT_EQ(history.last_keys, other.last_keys);
  EXPECT_EQ(history.known_keys, other.known_keys);
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    EXPECT_EQ(history.certificate_changes[role], other.certificate_changes[role]);
    EXPECT_EQ(history.last_leaves[role], other.last_leaves[role]);
    ExpectSame(history.certificates[role], other.certificates[role]);
  }
  EXPECT_EQ(history.episodes, other.episodes);
  EXPECT_EQ(actual.summary, expected.summary);
  EXPECT_EQ(DetailsIn(actual), DetailsIn(expected));
  EXPECT_EQ(actual.block.bytes, expected.block.bytes);
}

Details DetailsIn(const StateRecord& record) {
  return record.summary ? Unpack(record.packed_details) : Details();
}

std::string Encoded(const StateRecord& record) {
  std::string bytes;
  EXPECT_TRUE(AppendRecord(record.server_name, record.history, record.block,
                           record.summary ? &*record.summary : nullptr, DetailsIn(record), bytes));
  return bytes;
}

WrittenFamilies TodaysFamilies() {
  WrittenFamilies families;
  for (std::size_t family = 0; family < kMetricCount; ++family) families.emplace_back(family);
  return families;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = std::filesystem::temp_directory_path() / "state-test-XXXXXX";
  path_ = mkdtemp(name.data());
}

TemporaryDirectory::~TemporaryDirectory() { std::filesystem::remove_all(path_); }

std::string ReadAll(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void WriteAll(const std::string& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace exporter
