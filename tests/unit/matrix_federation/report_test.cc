#include "matrix_federation/report.h"

#include <gtest/gtest.h>

#include "matrix_federation/limits.h"
#include "unit/matrix_federation/observations.h"

namespace matrix_federation {
namespace {

TEST(Judge, FindsNothingWhereAllIsWell) {
  const Report report = Judge(GoodObservation());
  EXPECT_TRUE(report.federation_ok);
  EXPECT_TRUE(report.all_addresses_ok);
  EXPECT_FALSE(report.root_cause);
  EXPECT_TRUE(report.warnings.empty());
}

TEST(Judge, ShortensDetailsThatQuoteTooMuch) {
  Observation seen = GoodObservation();
  seen.endpoints[0].keys->served = Failure{Reason::kKeysHttpStatus, std::string(100'000, 'a')};
  const Report report = Judge(std::move(seen));
  EXPECT_LE(report.root_cause->detail.size(), kSentenceLengthMax + 3);
}

TEST(Judge, RunsEveryCheckInOrder) {
  const Report report = Judge(GoodObservation());
  ASSERT_EQ(report.checks.size(), AllChecks().size());
  for (std::size_t i = 0; i < report.checks.size(); ++i) {
    EXPECT_EQ(report.checks[i].check, AllChecks()[i]);
  }
}

TEST(Judge, TakesTheFirstFailingErrorForTheRootCause) {
  Observation seen = GoodObservation();
  auto chain = GoodChain();
  chain->trust = Because(Reason::kTlsCertSelfSigned);
  chain->dates = Because(Reason::kTlsCertExpired);
  seen.endpoints[0].tls->chain = chain;
  seen.endpoints[0].keys->served = Because(Reason::kKeysHttpStatus);
  const Report report = Judge(std::move(seen));
  EXPECT_FALSE(report.federation_ok);
  EXPECT_EQ(report.root_cause->check->name, "certificate_is_trusted");
  EXPECT_EQ(report.root_cause->reason, "tls_cert_self_signed");
  EXPECT_EQ(report.root_cause->detail,
            "192.0.2.10:8448: " + Because(Reason::kTlsCertSelfSigned).detail);
}

TEST(Judge, NamesTheAddressOnceOnly) {
  Observation seen = GoodObservation();
  seen.endpoints[0].connect = Failure{Reason::kConnectRefused, "192.0.2.10:8448 refused"};
  EXPECT_EQ(Judge(std::move(seen)).root_cause->detail, "192.0.2.10:8448 refused");
}

TEST(Judge, TakesNoWarningForARootCause) {
  Observation seen = GoodObservation();
  seen.endpoints[0].clock_offset_seconds = 3600.0;
  const Report report = Judge(std::move(seen));
  EXPECT_TRUE(report.federation_ok);
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_EQ(report.warnings[0].warning, Warning::kClockSkew);
}

TEST(Judge, CountsACheckThatOnlyWarnsAmongTheWarnings) {
  EXPECT_FALSE(CarriesWarnings(Judge(GoodObservation())));
  Observation seen = GoodObservation();
  seen.well_known.status.reset();
  seen.well_known.failure = Because(Reason::kWellknownConnectFailed);
  const Report report = Judge(std::move(seen));
  EXPECT_TRUE(report.federation_ok);
  EXPECT_TRUE(report.warnings.empty());
  EXPECT_TRUE(CarriesWarnings(report));
}

TEST(Judge, ListsEachWarningOnce) {
  Observation seen = GoodObservation();
  for (const char* ip : {"192.0.2.1", "192.0.2.2"}) {
    EndpointObservation& dead = seen.endpoints.emplace_back();
    dead.address = {IpAddress::Parse(ip).value(), 8448};
    dead.connect = Failure{Reason::kConnectRefused, std::string(ip) + " refused"};
  }
  const Report report = Judge(std::move(seen));
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_NE(report.warnings[0].detail.find("192.0.2.1 refused"), std::string::npos);
  EXPECT_TRUE(report.federation_ok);
  EXPECT_FALSE(report.all_addresses_ok);
}

}  // namespace
}  // namespace matrix_federation
