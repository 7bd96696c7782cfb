// Certificate chains: the input is DER certificates one behind the other, judged against the root
// of root.pem. Whatever a peer presents, the facts are bounded and can be shown, the verdict is the
// same the second time, and a name is covered only by a name that stands there.

#include <openssl/err.h>
#include <strings.h>

#include <algorithm>

#include "matrix_federation/certificate.h"
#include "matrix_federation/limits.h"
#include "property.h"

using fuzz::Require;
using matrix_federation::CertificateChain;
using matrix_federation::CertificateFacts;
using matrix_federation::CertificateName;
using matrix_federation::CertificateVerifier;

namespace {

constexpr matrix_federation::SystemSeconds kNow{std::chrono::seconds{1'800'000'000}};
constexpr const char* kHost = "matrix.example.org";
constexpr const char* kWildcard = "*.example.org";

CertificateChain ReadChain(const std::uint8_t* data, std::size_t size) {
  CertificateChain chain;
  const unsigned char* at = data;
  const unsigned char* const end = data + size;
  while (at != end && chain.size() < matrix_federation::kChainLengthMax) {
    X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(end - at));
    if (certificate == nullptr) break;
    chain.emplace_back(certificate, X509_free);
  }
  ERR_clear_error();
  return chain;
}

void CheckFacts(const CertificateFacts& facts) {
  using matrix_federation::kServerNameLengthMax;
  Require(facts.dns_names.size() + facts.ip_addresses.size() <= matrix_federation::kAltNamesMax,
          "names are bounded");
  Require(fuzz::IsShowable(facts.subject_cn, kServerNameLengthMax), "a subject can be shown");
  Require(fuzz::IsShowable(facts.issuer_cn, kServerNameLengthMax), "an issuer can be shown");
  for (const std::string& name : facts.dns_names) {
    Require(fuzz::IsShowable(name, kServerNameLengthMax), "a name can be shown");
  }
  Require(facts.fingerprint_sha256.size() == 64, "a fingerprint is that of SHA-256");
  Require(facts.serial_number.find_first_not_of("0123456789abcdef") == std::string::npos &&
              facts.serial_number.size() % 2 == 0,
          "a serial number is hex");
}

bool Covers(const CertificateFacts& facts) {
  return std::any_of(facts.dns_names.begin(), facts.dns_names.end(), [](const std::string& name) {
    return strcasecmp(name.c_str(), kHost) == 0 || strcasecmp(name.c_str(), kWildcard) == 0;
  });
}

void CheckName(X509* leaf, const CertificateFacts& facts) {
  const auto failure =
      CertificateVerifier::MatchName(leaf, {CertificateName::Type::kDns, std::string(kHost)});
  const bool all_seen =
      facts.dns_names.size() + facts.ip_addresses.size() < matrix_federation::kAltNamesMax;
  if (!failure && all_seen) Require(Covers(facts), "a name is covered by a name that stands there");
  const auto address =
      CertificateVerifier::MatchName(leaf, {CertificateName::Type::kIp, "192.0.2.1"});
  for (const auto& each : {failure, address}) {
    // Five names and the one to cover.
    Require(!each || fuzz::IsShowable(each->detail, 2 * fuzz::kSentenceMax),
            "a mismatch is a sentence that can be shown");
  }
}

void CheckDates(const matrix_federation::ChainAssessment& seen) {
  const bool all_in_date = std::all_of(seen.certificates.begin(), seen.certificates.end(),
                                       [](const CertificateFacts& facts) {
                                         return facts.not_before <= kNow && kNow < facts.not_after;
                                       });
  if (!all_in_date || !seen.dates) return;
  // Then it is one of the path that was not presented.
  Require(seen.dates->detail.starts_with("a CA certificate"),
          "a certificate that is in date is not called expired");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const CertificateChain chain = ReadChain(data, size);
  if (chain.empty()) return 0;
  std::string error;
  const auto verifier = CertificateVerifier::Create(ROOT_FILE, error);
  Require(verifier != nullptr, error);
  const auto first = verifier->Assess(chain, kNow);
  const auto second = verifier->Assess(chain, kNow);
  Require(first->certificates.size() == chain.size(), "every certificate has its facts");
  Require(first->trust == second->trust && first->dates == second->dates,
          "the verdict is the same the second time");
  Require((verifier->remembered() == 1) == (!first->trust && !first->dates),
          "exactly the good verdicts are remembered");
  for (const auto* failure : {&first->trust, &first->dates}) {
    Require(!*failure || fuzz::IsShowable((*failure)->detail, fuzz::kSentenceMax),
            "a failure is a sentence that can be shown");
  }
  for (const CertificateFacts& facts : first->certificates) CheckFacts(facts);
  CheckDates(*first);
  CheckName(chain.front().get(), first->certificates.front());
  return 0;
}
