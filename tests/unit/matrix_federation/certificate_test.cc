#include "matrix_federation/certificate.h"

#include <gtest/gtest.h>

#include "fakes/certificates.h"
#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

using fakes::CertificateRequest;
using fakes::Identity;
using fakes::kNow;
using fakes::PublicCa;
using fakes::TestCa;
using std::chrono::days;
using std::chrono::seconds;

CertificateChain TrustedRoots() { return {TestCa().root().certificate()}; }

CertificateRequest LeafRequest() { return {.dns_names = {"example.org"}}; }

std::string TextOf(const MaybeFailure& failure) {
  return failure ? std::string(Word(failure->reason)) : "good";
}

// A chain that is bad, and how.
struct BadChain {
  std::string name;
  CertificateChain (*make)();
  std::string trust;
  std::string dates;
};

void PrintTo(const BadChain& bad, std::ostream* out) { *out << bad.name; }

CertificateChain SelfSigned() { return {Identity::SelfSigned(LeafRequest()).certificate()}; }

// RFC 5280 section 4.1.2.5: what certificates say that have no end.
CertificateChain SelfSignedForever() {
  CertificateRequest request = LeafRequest();
  request.not_after = SystemSeconds{std::chrono::seconds{253'402'300'799}};
  return {Identity::SelfSigned(request).certificate()};
}

CertificateChain ExpiredAndSelfSigned() {
  CertificateRequest request = LeafRequest();
  request.not_after = kNow - days{1};
  return {Identity::SelfSigned(request).certificate()};
}

CertificateChain OfAnUnknownCa() { return PublicCa().ChainFor("example.org"); }

CertificateChain OfAnUnknownCaWithItsRoot() {
  const PublicCa ca;
  CertificateChain chain = ca.ChainFor("example.org");
  chain.push_back(ca.root().certificate());
  return chain;
}

CertificateChain WithoutIntermediate() {
  CertificateChain chain = TestCa().ChainFor("example.org");
  chain.pop_back();
  return chain;
}

CertificateChain Expired() {
  CertificateRequest request = LeafRequest();
  request.not_after = kNow - seconds{1};
  return TestCa().Chain(request);
}

CertificateChain NotYetValid() {
  CertificateRequest request = LeafRequest();
  request.not_before = kNow + seconds{1};
  return TestCa().Chain(request);
}

CertificateChain WithADateThatIsNone() {
  CertificateRequest request = LeafRequest();
  request.not_before_text = "soon";
  return TestCa().Chain(request);
}

CertificateChain WithExpiredIntermediate() {
  const Identity intermediate = TestCa().root().Issue({.common_name = "Old Intermediate",
                                                       .not_before = kNow - days{100},
                                                       .not_after = kNow - days{1},
                                                       .is_ca = true});
  return {intermediate.Issue(LeafRequest()).certificate(), intermediate.certificate()};
}

CertificateChain WithWeakLeafKey() {
  CertificateRequest request = LeafRequest();
  request.key = fakes::KeyKind::kRsa1024;
  return TestCa().Chain(request);
}

CertificateChain WithWeakCaKey() {
  const Identity intermediate = TestCa().root().Issue(
      {.common_name = "Weak Intermediate", .key = fakes::KeyKind::kRsa1024, .is_ca = true});
  return {intermediate.Issue(LeafRequest()).certificate(), intermediate.certificate()};
}

CertificateChain WithWeakSignature() {
  CertificateRequest request = LeafRequest();
  request.signed_with_sha1 = true;
  return TestCa().Chain(request);
}

CertificateChain ForClientsOnly() {
  CertificateRequest request = LeafRequest();
  request.extended_key_usage = "clientAuth";
  return TestCa().Chain(request);
}

CertificateChain IssuedByALeaf() {
  const Identity no_ca = TestCa().intermediate().Issue(
      {.dns_names = {"other.example.net"}, .common_name = "Not a CA"});
  return {no_ca.Issue(LeafRequest()).certificate(), no_ca.certificate(),
          TestCa().intermediate().certificate()};
}

CertificateChain WithForgedIssuer() {
  // Another key under the name of the trusted intermediate.
  const Identity impostor =
      Identity::SelfSigned({.common_name = "Test Intermediate", .is_ca = true});
  return {impostor.Issue(LeafRequest()).certificate(), TestCa().intermediate().certificate()};
}

class CertificateVerifierOn : public testing::TestWithParam<BadChain> {};

TEST_P(CertificateVerifierOn, IsAsBadTheSecondTime) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  const CertificateChain chain = GetParam().make();
  for (const char* time : {"first", "second"}) {
    const auto assessment = verifier->Assess(chain, kNow);
    EXPECT_EQ(TextOf(assessment->trust), GetParam().trust) << time;
    EXPECT_EQ(TextOf(assessment->dates), GetParam().dates) << time;
    EXPECT_EQ(assessment->certificates.size(), chain.size()) << time;
  }
  EXPECT_EQ(verifier->remembered(), 0U);
}

TEST_P(CertificateVerifierOn, IsAsBadAfterAGoodChain) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  verifier->Assess(TestCa().ChainFor("example.org"), kNow);
  const auto assessment = verifier->Assess(GetParam().make(), kNow);
  EXPECT_EQ(TextOf(assessment->trust), GetParam().trust);
  EXPECT_EQ(TextOf(assessment->dates), GetParam().dates);
}

INSTANTIATE_TEST_SUITE_P(
    BadChains, CertificateVerifierOn,
    testing::Values(
        BadChain{"SelfSigned", SelfSigned, "tls_cert_self_signed", "good"},
        BadChain{"SelfSignedForever", SelfSignedForever, "tls_cert_self_signed", "good"},
        BadChain{"ExpiredAndSelfSigned", ExpiredAndSelfSigned, "tls_cert_self_signed",
                 "tls_cert_expired"},
        BadChain{"OfAnUnknownCa", OfAnUnknownCa, "tls_cert_untrusted", "good"},
        BadChain{"OfAnUnknownCaWithItsRoot", OfAnUnknownCaWithItsRoot, "tls_cert_untrusted",
                 "good"},
        BadChain{"WithoutIntermediate", WithoutIntermediate, "tls_cert_incomplete_chain", "good"},
        BadChain{"Expired", Expired, "good", "tls_cert_expired"},
        BadChain{"NotYetValid", NotYetValid, "good", "tls_cert_not_yet_valid"},
        BadChain{"WithADateThatIsNone", WithADateThatIsNone, "tls_cert_untrusted", "good"},
        BadChain{"WithExpiredIntermediate", WithExpiredIntermediate, "good", "tls_cert_expired"},
        BadChain{"WithWeakLeafKey", WithWeakLeafKey, "tls_cert_weak", "good"},
        BadChain{"WithWeakCaKey", WithWeakCaKey, "tls_cert_weak", "good"},
        BadChain{"WithWeakSignature", WithWeakSignature, "tls_cert_weak", "good"},
        BadChain{"ForClientsOnly", ForClientsOnly, "tls_cert_untrusted", "good"},
        BadChain{"IssuedByALeaf", IssuedByALeaf, "tls_cert_untrusted", "good"},
        BadChain{"WithForgedIssuer", WithForgedIssuer, "tls_cert_untrusted", "good"}),
    [](const auto& bad) { return bad.param.name; });

TEST(CertificateVerifier, RemembersGoodChains) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  const CertificateChain chain = TestCa().ChainFor("example.org");
  const auto first = verifier->Assess(chain, kNow);
  EXPECT_EQ(TextOf(first->trust), "good");
  EXPECT_EQ(TextOf(first->dates), "good");
  EXPECT_EQ(verifier->Assess(chain, kNow + days{1}), first) << "not the remembered object";
  EXPECT_EQ(verifier->remembered(), 1U);
}

TEST(CertificateVerifier, RemembersOneChainOfALeafWhateverElseIsSent) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  const CertificateChain chain = TestCa().ChainFor("example.org");
  for (const char* round : {"first", "second"}) {
    CertificateChain more = chain;
    more.push_back(Identity::SelfSigned({.common_name = "made anew each time"}).certificate());
    EXPECT_EQ(TextOf(verifier->Assess(more, kNow)->trust), "good") << round;
    EXPECT_EQ(verifier->Assess(more, kNow), verifier->Assess(more, kNow)) << round;
    EXPECT_EQ(verifier->remembered(), 1U) << round;
  }
}

TEST(CertificateVerifier, JudgesAnotherChainOfARememberedLeafAnew) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  const CertificateChain chain = TestCa().ChainFor("example.org");
  EXPECT_EQ(TextOf(verifier->Assess(chain, kNow)->trust), "good");
  EXPECT_EQ(TextOf(verifier->Assess({chain.front()}, kNow)->trust), "tls_cert_incomplete_chain");
}

TEST(CertificateVerifier, ForgetsAChainWhenItsLeafExpires) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  CertificateRequest request = LeafRequest();
  request.not_after = kNow + days{1};
  const CertificateChain chain = TestCa().Chain(request);
  EXPECT_EQ(TextOf(verifier->Assess(chain, kNow + days{1} - seconds{1})->dates), "good");
  EXPECT_EQ(TextOf(verifier->Assess(chain, kNow + days{1})->dates), "tls_cert_expired");
  EXPECT_EQ(verifier->remembered(), 0U);
}

TEST(CertificateVerifier, JudgesTheMomentOfExpiryTheSameWithAndWithoutMemory) {
  CertificateRequest request = LeafRequest();
  request.not_after = kNow;
  const CertificateChain chain = TestCa().Chain(request);
  const auto without_memory = fakes::VerifierTrusting(TrustedRoots());
  const auto with_memory = fakes::VerifierTrusting(TrustedRoots());
  with_memory->Assess(chain, kNow - seconds{1});
  ASSERT_EQ(with_memory->remembered(), 1U);
  EXPECT_EQ(with_memory->Assess(chain, kNow)->dates, without_memory->Assess(chain, kNow)->dates);
}

TEST(CertificateVerifier, ForgetsAChainWhenItsTrustedRootExpires) {
  const Identity root = Identity::SelfSigned({.common_name = "Short Root",
                                              .not_before = kNow - days{1},
                                              .not_after = kNow + days{1},
                                              .is_ca = true});
  const auto verifier = fakes::VerifierTrusting({root.certificate()});
  const CertificateChain chain = {root.Issue(LeafRequest()).certificate()};
  EXPECT_EQ(TextOf(verifier->Assess(chain, kNow)->dates), "good");
  EXPECT_EQ(TextOf(verifier->Assess(chain, kNow + days{2})->dates), "tls_cert_expired");
}

TEST(CertificateVerifier, DoesNotRememberIntoThePast) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  CertificateRequest request = LeafRequest();
  request.not_before = kNow;
  const CertificateChain chain = TestCa().Chain(request);
  verifier->Assess(chain, kNow);
  EXPECT_EQ(TextOf(verifier->Assess(chain, kNow - days{1})->dates), "tls_cert_not_yet_valid")
      << "a clock that was set back";
}

TEST(CertificateVerifier, AcceptsAnUnneededCertificateInTheChain) {
  const auto verifier = fakes::VerifierTrusting(TrustedRoots());
  CertificateChain chain = TestCa().ChainFor("example.org");
  chain.push_back(ExpiredAndSelfSigned().front());
  const auto assessment = verifier->Assess(chain, kNow);
  EXPECT_EQ(TextOf(assessment->trust), "good");
  EXPECT_EQ(TextOf(assessment->dates), "good");
}

TEST(CertificateVerifier, SaysWhatIsWrongWithItsCaFile) {
  std::string error;
  EXPECT_EQ(CertificateVerifier::Create("/nonexistent/ca.pem", error), nullptr);
  EXPECT_NE(error.find("/nonexistent/ca.pem"), std::string::npos) << error;
  const fakes::PemFile file({});
  error.clear();
  EXPECT_EQ(CertificateVerifier::Create(file.path(), error), nullptr);
  EXPECT_FALSE(error.empty());
}

std::string Matched(const CertificateRequest& request, const CertificateName& name) {
  return TextOf(CertificateVerifier::MatchName(TestCa().Chain(request).front().get(), name));
}

TEST(MatchName, ComparesDnsNamesWithoutCase) {
  EXPECT_EQ(Matched({.dns_names = {"Example.ORG"}}, {.value = "eXample.org"}), "good");
  EXPECT_EQ(Matched({.dns_names = {"example.org"}}, {.value = "www.example.org"}),
            "tls_cert_name_mismatch");
}

TEST(MatchName, TakesWildcardsForOneWholeLabelOnly) {
  EXPECT_EQ(Matched({.dns_names = {"*.example.org"}}, {.value = "a.example.org"}), "good");
  for (const char* pattern : {"*.example.org", "m*.example.org", "a.*.org", "*", "*.org"}) {
    EXPECT_EQ(Matched({.dns_names = {pattern}}, {.value = "example.org"}), "tls_cert_name_mismatch")
        << pattern;
  }
  EXPECT_EQ(Matched({.dns_names = {"m*.example.org"}}, {.value = "matrix.example.org"}),
            "tls_cert_name_mismatch");
}

TEST(MatchName, NeverFallsBackToTheCommonName) {
  EXPECT_EQ(Matched({.common_name = "example.org"}, {.value = "example.org"}),
            "tls_cert_name_mismatch");
}

TEST(MatchName, ComparesAddressesAsOctets) {
  const CertificateRequest request{.ip_addresses = {"2001:db8:0:0::10", "192.0.2.10"}};
  EXPECT_EQ(Matched(request, {CertificateName::Type::kIp, "2001:db8::10"}), "good");
  EXPECT_EQ(Matched(request, {CertificateName::Type::kIp, "192.0.2.10"}), "good");
  EXPECT_EQ(Matched(request, {CertificateName::Type::kIp, "192.0.2.11"}), "tls_cert_name_mismatch");
  EXPECT_EQ(Matched({.dns_names = {"192.0.2.10"}}, {CertificateName::Type::kIp, "192.0.2.10"}),
            "tls_cert_name_mismatch");
}

TEST(MatchName, ListsOnlySomeOfManyNames) {
  CertificateRequest request;
  for (int i = 0; i < 500; ++i) request.dns_names.push_back("host" + std::to_string(i) + ".org");
  const auto failure = CertificateVerifier::MatchName(TestCa().Chain(request).front().get(),
                                                      {.value = "example.org"});
  ASSERT_TRUE(failure);
  EXPECT_LT(failure->detail.size(), 300U) << failure->detail;
}

TEST(FactsOf, SaysWhatTheCertificateSays) {
  const CertificateFacts facts = FactsOf(TestCa()
                                             .Chain({.dns_names = {"example.org", "*.example.org"},
                                                     .ip_addresses = {"192.0.2.10", "2001:DB8::10"},
                                                     .common_name = "Exämple"})
                                             .front()
                                             .get());
  EXPECT_EQ(facts.subject_cn, "Exämple");
  EXPECT_EQ(facts.issuer_cn, "Test Intermediate");
  EXPECT_EQ(facts.dns_names, (std::vector<std::string>{"example.org", "*.example.org"}));
  EXPECT_EQ(facts.ip_addresses, (std::vector<std::string>{"192.0.2.10", "2001:db8::10"}));
  EXPECT_EQ(facts.serial_number.size() % 2, 0U);
  EXPECT_EQ(facts.fingerprint_sha256.size(), 64U);
  EXPECT_EQ(facts.not_before, CertificateRequest().not_before);
  EXPECT_EQ(facts.not_after, CertificateRequest().not_after);
}

TEST(FactsOf, ShowsTheBeginningOfASerialNumberThatIsTooLong) {
  CertificateRequest request = LeafRequest();
  request.serial_number = std::string(2 * kSerialNumberMax, 'a');
  EXPECT_EQ(FactsOf(TestCa().Chain(request).front().get()).serial_number, request.serial_number);
  request.serial_number = std::string(60'000, 'a');
  EXPECT_EQ(FactsOf(TestCa().Chain(request).front().get()).serial_number,
            std::string(2 * kSerialNumberMax, 'a') + "…");
}

TEST(FactsOf, CountsNoYearBeforeTheFirst) {
  CertificateRequest request = LeafRequest();
  request.not_after_text = "00000101000000Z";
  EXPECT_EQ(FactsOf(Identity::SelfSigned(request).certificate().get()).not_after,
            kCertificateTimeMin);
}

TEST(FactsOf, MakesNamesPrintable) {
  const CertificateFacts facts = FactsOf(TestCa().Chain({.common_name = "a\nb\x1b"}).front().get());
  EXPECT_EQ(facts.subject_cn,
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

}  // namespace
}  // namespace matrix_federation
