#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fakes/signing_key.h"
#include "fakes/world.h"
#include "matrix_federation/explanation.h"
#include "matrix_federation/report.h"

namespace matrix_federation {
namespace {

using fakes::Answered;
using fakes::FakeWorld;
using fakes::JsonAnswer;
using fakes::KeysDocument;
using fakes::TestCa;

constexpr const char* kName = "example.org";
constexpr const char* kAddress = "192.0.2.10:8448";

std::set<std::string_view> CodesOfAllChecks() {
  std::set<std::string_view> codes;
  for (const Check* check : AllChecks()) codes.insert(check->codes.begin(), check->codes.end());
  return codes;
}

std::set<std::string_view> RemarksOfAllChecks() {
  std::set<std::string_view> remarks;
  for (const Check* check : AllChecks()) {
    remarks.insert(check->remarks.begin(), check->remarks.end());
  }
  return remarks;
}

TEST(CheckCatalogue, NamesEachCheckOnce) {
  std::set<std::string_view> names;
  for (const Check* check : AllChecks()) {
    EXPECT_TRUE(names.insert(check->name).second) << check->name;
  }
}

TEST(CheckCatalogue, DescribesEachCheck) {
  for (const Check* check : AllChecks()) {
    EXPECT_TRUE(check->summary.ends_with('.')) << check->name;
    EXPECT_FALSE(check->citation.empty()) << check->name;
    EXPECT_FALSE(check->codes.empty()) << check->name;
  }
}

TEST(CheckCatalogue, UsesOnlyWordsOfTheClosedLists) {
  for (const std::string_view code : CodesOfAllChecks()) {
    EXPECT_TRUE(ReasonOf(code) || WarningOf(code)) << code;
  }
  for (const std::string_view remark : RemarksOfAllChecks()) {
    EXPECT_TRUE(WarningOf(remark)) << remark;
  }
}

TEST(CheckCatalogue, ExplainsEveryReason) {
  const auto codes = CodesOfAllChecks();
  for (const WordRow& row : kReasonRows) EXPECT_TRUE(codes.contains(row.word)) << row.word;
}

TEST(CheckCatalogue, HasACheckForEveryWarning) {
  const auto codes = CodesOfAllChecks();
  const auto remarks = RemarksOfAllChecks();
  for (const WordRow& row : kWarningRows) {
    EXPECT_TRUE(codes.contains(row.word) || remarks.contains(row.word)) << row.word;
  }
}

TEST(CheckCatalogue, HasEachWordOnce) {
  std::set<std::string_view> words;
  for (const WordRow& row : kReasonRows) EXPECT_TRUE(words.insert(row.word).second) << row.word;
  for (const WordRow& row : kWarningRows) {
    // These are reasons of the whole name and warnings about one of its targets.
    const bool shared =
        row.word == Word(Reason::kSrvTargetNoAddress) || row.word == Word(Reason::kSrvInvalidPort);
    EXPECT_EQ(words.insert(row.word).second, !shared) << row.word;
  }
}

// Every failing verdict of a report carries one of its check's codes, every warning is one that its
// check declares; every error has its sentence.
void ExpectDeclaredCodes(const Report& report) {
  for (const CheckResult& result : report.checks) {
    for (const Finding& finding : result.verdict.findings) {
      EXPECT_TRUE(result.check->Declares(Word(finding.warning)))
          << result.check->name << " warns with " << Word(finding.warning);
    }
    if (result.verdict.status != Status::kFail) continue;
    const auto codes = result.check->codes;
    EXPECT_NE(std::find(codes.begin(), codes.end(), result.verdict.code), codes.end())
        << result.check->name << " fails with " << result.verdict.code;
    EXPECT_FALSE(result.verdict.detail.empty()) << result.check->name;
  }
  const auto& endpoints = report.observation.endpoints;
  EXPECT_EQ(report.federation_ok, std::any_of(endpoints.begin(), endpoints.end(), EndpointWorks));
  EXPECT_NE(report.federation_ok, report.root_cause.has_value());
}

// A world with one homeserver that answers so.
Report ProbeOf(const KnockResult& knock) {
  FakeWorld world;
  world.dns.AddAddress(kName, "192.0.2.10");
  world.federation.Listen(kAddress, [knock](const Endpoint&, int) { return knock; });
  return world.Probe(kName);
}

KnockResult AnsweredWith(HttpExchange keys, HttpExchange version) {
  return Answered(TestCa().ChainFor(kName), std::move(keys), std::move(version));
}

TEST(Verdicts, CarryTheirChecksCodesWhenConnectionsFail) {
  for (const Reason reason : {Reason::kConnectRefused, Reason::kConnectReset,
                              Reason::kConnectTimeout, Reason::kConnectUnreachable}) {
    const Report report = ProbeOf(fakes::ConnectFailure(reason));
    EXPECT_EQ(report.root_cause->reason, Word(reason));
    ExpectDeclaredCodes(report);
  }
}

TEST(Verdicts, CarryTheirChecksCodesWhenHandshakesFail) {
  for (const Reason reason :
       {Reason::kTlsHandshakeFailed, Reason::kTlsProtocolVersion, Reason::kTlsClientCertRequired}) {
    const Report report = ProbeOf(fakes::HandshakeFailure(reason));
    EXPECT_EQ(report.root_cause->reason, Word(reason));
    ExpectDeclaredCodes(report);
  }
}

TEST(Verdicts, CarryTheirChecksCodesWhenAnswersFail) {
  for (const Reason reason : {Reason::kHttpNoResponse, Reason::kHttpTimeout, Reason::kHttpTooLarge,
                              Reason::kTlsClientCertRequired}) {
    const Report report = ProbeOf(AnsweredWith(fakes::NoAnswer(reason), fakes::NoAnswer(reason)));
    EXPECT_EQ(report.root_cause->reason, Word(reason));
    ExpectDeclaredCodes(report);
  }
}

TEST(Verdicts, CarryTheirChecksCodesForBadVersions) {
  for (const char* body : {"", "[]", "{}", R"({"server": 1})", R"({"server": {"name": 1}})",
                           R"({"server": {"name": "x"}})", R"({"server": {"version": []}})"}) {
    const Report report =
        ProbeOf(AnsweredWith(JsonAnswer(200, KeysDocument(kName)), JsonAnswer(200, body)));
    EXPECT_TRUE(report.federation_ok) << body;
    ExpectDeclaredCodes(report);
  }
}

TEST(Verdicts, CarryTheirChecksCodesForBadKeys) {
  const auto expired = KeysDocument(kName, fakes::kNow - std::chrono::seconds{1});
  for (const std::string& body :
       {std::string(""), std::string("[]"), std::string("{}"), KeysDocument("other.example.org"),
        expired, KeysDocument(kName) + "x"}) {
    const Report report = ProbeOf(AnsweredWith(JsonAnswer(200, body), fakes::SynapseVersion()));
    EXPECT_FALSE(report.federation_ok) << body;
    ExpectDeclaredCodes(report);
  }
}

TEST(Verdicts, CarryTheirChecksCodesWhenTheDnsFails) {
  for (const DnsStatus status : {DnsStatus::kNxdomain, DnsStatus::kNodata, DnsStatus::kServfail,
                                 DnsStatus::kRefused, DnsStatus::kTimeout, DnsStatus::kMalformed}) {
    FakeWorld addresses;
    addresses.dns.Fail(kName, DnsType::kA, status);
    addresses.dns.Fail(kName, DnsType::kAaaa, status);
    const Report report = addresses.Probe(kName);
    EXPECT_FALSE(report.federation_ok) << Word(status);
    ExpectDeclaredCodes(report);

    FakeWorld services;
    services.AddHomeserver(kAddress, kName, kName);
    services.dns.AddAddress(kName, "192.0.2.10");
    services.dns.Fail("_matrix-fed._tcp.example.org", DnsType::kSrv, status);
    ExpectDeclaredCodes(services.Probe(kName));
  }
}

TEST(Verdicts, CarryTheirChecksCodesForBadNames) {
  for (const std::string& name : {std::string(""), std::string(300, 'a'), std::string("a b"),
                                  std::string("[x]"), std::string("a:x")}) {
    FakeWorld world;
    const Report report = world.Probe(name);
    EXPECT_FALSE(report.federation_ok) << name;
    ExpectDeclaredCodes(report);
  }
}

}  // namespace
}  // namespace matrix_federation
