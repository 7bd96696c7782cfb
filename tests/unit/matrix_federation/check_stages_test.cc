#include <gtest/gtest.h>

#include "checks/all_checks.h"
#include "checks/stages.h"
#include "matrix_federation/report.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

// An error check about one stage of an address, and how an address fails there.
struct StageRow {
  Stage stage;
  const Check* check;
  Reason reason;
};

void PrintTo(const StageRow& row, std::ostream* out) { *out << row.check->name; }

// The chain is shared and constant once assessed; a test replaces it as a whole.
void SetChain(EndpointObservation& endpoint, const MaybeFailure& trust, const MaybeFailure& dates) {
  auto chain = GoodChain();
  chain->trust = trust;
  chain->dates = dates;
  endpoint.tls->chain = std::move(chain);
}

// An address that fails at a stage, with everything behind that stage unseen where that is so.
EndpointObservation FailingAt(Stage stage, Reason reason, const std::string& ip) {
  EndpointObservation endpoint = GoodEndpoint(ip);
  const Failure failure = Because(reason);
  switch (stage) {
    case Stage::kConnect:
    case Stage::kHandshake:
      (stage == Stage::kConnect ? endpoint.connect : endpoint.handshake) = failure;
      endpoint.tls.reset();
      endpoint.keys.reset();
      endpoint.version.reset();
      endpoint.clock_offset_seconds.reset();
      break;
    case Stage::kTrust: SetChain(endpoint, failure, std::nullopt); break;
    case Stage::kDates: SetChain(endpoint, std::nullopt, failure); break;
    case Stage::kName: endpoint.tls->name = failure; break;
    case Stage::kKeysServed: endpoint.keys->served = failure; break;
    case Stage::kKeysSigned: endpoint.keys->signing = failure; break;
    case Stage::kKeysInDate: endpoint.keys->dates = failure; break;
  }
  return endpoint;
}

class StageCheck : public testing::TestWithParam<StageRow> {
 protected:
  [[nodiscard]] static EndpointObservation Failing(const std::string& ip = "192.0.2.99") {
    return FailingAt(GetParam().stage, GetParam().reason, ip);
  }
  [[nodiscard]] static std::string Judgement(std::vector<EndpointObservation> endpoints) {
    Observation seen = GoodObservation();
    seen.endpoints = std::move(endpoints);
    return Judged(*GetParam().check, seen);
  }
  [[nodiscard]] static std::string FailWord() {
    return "fail: " + std::string(Word(GetParam().reason));
  }
};

// Those that come after the connection.
class LaterStageCheck : public StageCheck {};

TEST_P(StageCheck, PassesWhereAllIsWell) { EXPECT_EQ(Judgement({GoodEndpoint()}), "pass"); }

TEST_P(StageCheck, FailsWhenNoAddressPasses) {
  EXPECT_EQ(Judgement({Failing(), Failing("2001:db8::99")}), FailWord());
}

TEST_P(StageCheck, PassesWhenOneAddressDoes) {
  EXPECT_EQ(Judgement({Failing(), GoodEndpoint()}), "pass");
}

TEST_P(StageCheck, IsNotObservedWithoutAnAddress) { EXPECT_EQ(Judgement({}), "not_observed"); }

TEST_P(LaterStageCheck, IsNotObservedWhenEveryAddressFailedBefore) {
  EXPECT_EQ(Judgement({FailingAt(Stage::kConnect, Reason::kConnectRefused, "192.0.2.1")}),
            "not_observed");
}

TEST_P(LaterStageCheck, IsTheRootCauseThoughAnotherAddressFailedBefore) {
  Observation seen = GoodObservation();
  seen.endpoints = {FailingAt(Stage::kConnect, Reason::kConnectRefused, "192.0.2.1"), Failing()};
  const Report report = Judge(std::move(seen));
  EXPECT_FALSE(report.federation_ok);
  EXPECT_EQ(report.root_cause->check, GetParam().check);
  EXPECT_EQ(report.root_cause->reason, Word(GetParam().reason));
}

TEST_P(StageCheck, DecidesWhetherTheAddressWorks) {
  EXPECT_FALSE(EndpointWorks(Failing()));
  EXPECT_EQ(EndpointFailure(Failing())->reason, GetParam().reason);
}

std::string NameOf(const testing::TestParamInfo<StageRow>& row) {
  return std::string(row.param.check->name);
}

INSTANTIATE_TEST_SUITE_P(FirstCheck, StageCheck,
                         testing::Values(StageRow{Stage::kConnect, &destination_accepts_connections,
                                                  Reason::kConnectTimeout}),
                         NameOf);

const auto kLaterStages = testing::Values(
    StageRow{Stage::kHandshake, &tls_handshake_succeeds, Reason::kTlsProtocolVersion},
    StageRow{Stage::kTrust, &certificate_is_trusted, Reason::kTlsCertSelfSigned},
    StageRow{Stage::kDates, &certificate_is_in_date, Reason::kTlsCertExpired},
    StageRow{Stage::kName, &certificate_matches_name, Reason::kTlsCertNameMismatch},
    StageRow{Stage::kKeysServed, &signing_keys_are_served, Reason::kKeysHttpStatus},
    StageRow{Stage::kKeysSigned, &signing_keys_are_signed, Reason::kKeysInvalidSignature},
    StageRow{Stage::kKeysInDate, &signing_keys_are_in_date, Reason::kKeysExpired});

INSTANTIATE_TEST_SUITE_P(LaterChecks, StageCheck, kLaterStages, NameOf);
INSTANTIATE_TEST_SUITE_P(LaterChecks, LaterStageCheck, kLaterStages, NameOf);

TEST(CertificateIsTrusted, FailsWhenNoneWasPresented) {
  Observation seen = GoodObservation();
  seen.endpoints[0].tls->chain.reset();
  EXPECT_EQ(Judged(certificate_is_trusted, seen), "fail: tls_cert_untrusted");
}

TEST(SigningKeysAreInDate, TellsWhatIsWorthKnowingAboutKeys) {
  Observation seen = GoodObservation();
  seen.endpoints[0].keys->warnings = {{Warning::kKeysExpiringSoon, "soon"}};
  EXPECT_EQ(Judged(signing_keys_are_in_date, seen), "pass");
  EXPECT_EQ(Found(signing_keys_are_in_date, seen), std::set<std::string>{"keys_expiring_soon"});
}

TEST(SigningKeysAreInDate, TellsItOfAllAddressesAndEachKindOnce) {
  Observation seen = GoodObservation();
  seen.endpoints.push_back(GoodEndpoint("192.0.2.11"));
  seen.endpoints[0].keys->warnings = {{Warning::kKeysNonstandardKeyId, "of the first"}};
  seen.endpoints[1].keys->warnings = {{Warning::kKeysNonstandardKeyId, "of the second"},
                                      {Warning::kKeysExpiringSoon, "soon"}};
  const auto findings = signing_keys_are_in_date.judge(seen).findings;
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].detail, "of the first");
  EXPECT_EQ(findings[1].warning, Warning::kKeysExpiringSoon);
}

}  // namespace
}  // namespace matrix_federation
