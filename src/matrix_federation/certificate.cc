#include "matrix_federation/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

#include "hex.h"
#include "matrix_federation/limits.h"
#include "matrix_federation/local_fault.h"
#include "text.h"

namespace matrix_federation {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using StoreContext = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

struct StackDeleter {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), StackDeleter>;

std::string CommonName(const X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return {};
  unsigned char* utf8 = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (length < 0) return {};
  std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return ToPrintable(text, kServerNameLengthMax);
}

std::string SerialNumber(const X509* certificate) {
  const BigNumber number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (!number) return {};
  std::string octets(static_cast<std::size_t>(std::max(1, BN_num_bytes(number.get()))), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(octets.data()));
  if (octets.size() <= kSerialNumberMax) return ToHex(octets);
  return ToHex(octets.substr(0, kSerialNumberMax)) + "…";
}

// A GeneralizedTime may name the year 0, which the calendar does not have.
SystemSeconds ToTime(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return SystemSeconds{};
  return std::max(kCertificateTimeMin, SystemSeconds{std::chrono::seconds{timegm(&fields)}});
}

void ReadAltNames(X509* certificate, CertificateFacts& facts) {
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return;
  const int count = std::min(sk_GENERAL_NAME_num(names.get()), static_cast<int>(kAltNamesMax));
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
      const auto length = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
      facts.dns_names.push_back(ToPrintable({data, length}, kServerNameLengthMax));
    } else if (name->type == GEN_IPADD) {
      const unsigned char* data = ASN1_STRING_get0_data(name->d.iPAddress);
      const int length = ASN1_STRING_length(name->d.iPAddress);
      if (length == 4) {
        facts.ip_addresses.push_back(
            IpAddress::FromV4({data[0], data[1], data[2], data[3]}).ToString());
      } else if (length == 16) {
        std::array<std::uint8_t, 16> octets{};
        std::copy(data, data + 16, octets.begin());
        facts.ip_addresses.push_back(IpAddress::FromV6(octets).ToString());
      }
    }
  }
}

// Of each certificate, in their order.
std::string DigestsOf(const CertificateChain& chain) {
  std::string digests;
  for (const auto& certificate : chain) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    X509_digest(certificate.get(), EVP_sha256(), digest.data(), &length);
    digests.append(reinterpret_cast<char*>(digest.data()), length);
  }
  return digests;
}

// The X509_V_ERR_… code of one path validation; `depth` is where it failed.
struct Validation {
  int error = X509_V_OK;
  int depth = 0;
  // While all of the path that was built is in date, the trusted root included.
  SystemSeconds valid_from = SystemSeconds::min();
  SystemSeconds valid_until = SystemSeconds::max();
};

// A directory of CAs is read as chains need it: one whose file cannot be opened for want of a
// descriptor looks like a CA that nobody knows.
void ThrowWhenTheStoreWasNotRead() {
  while (const unsigned long error = ERR_get_error()) {
    if (ERR_SYSTEM_ERROR(error) && IsLocalFault(ERR_GET_REASON(error))) {
      ERR_clear_error();
      ThrowLocalFault(ERR_GET_REASON(error));
    }
  }
}

Validation Validate(X509_STORE* store, const CertificateChain& chain, SystemTime now,
                    unsigned long flags) {
  const StoreContext context(X509_STORE_CTX_new());
  const Stack untrusted(sk_X509_new_null());
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(untrusted.get(), chain[i].get());
  X509_STORE_CTX_init(context.get(), store, chain.front().get(), untrusted.get());
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  // A time that was set would outweigh X509_V_FLAG_NO_CHECK_TIME.
  if ((flags & X509_V_FLAG_NO_CHECK_TIME) == 0) {
    X509_VERIFY_PARAM_set_time(param, std::chrono::system_clock::to_time_t(now));
  }
  X509_VERIFY_PARAM_set_flags(param, flags | X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  // Debian's system-wide level, which Synapse inherits: RSA and DH from 2048 bits, no SHA-1.
  X509_VERIFY_PARAM_set_auth_level(param, 2);
  ERR_clear_error();
  const int verified = X509_verify_cert(context.get());
  Validation result{X509_STORE_CTX_get_error(context.get()),
                    X509_STORE_CTX_get_error_depth(context.get())};
  if (verified != 1) ThrowWhenTheStoreWasNotRead();
  if (verified != 1 && result.error == X509_V_OK) result.error = X509_V_ERR_UNSPECIFIED;
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(path); ++i) {
    const X509* certificate = sk_X509_value(path, i);
    result.valid_from = std::max(result.valid_from, ToTime(X509_get0_notBefore(certificate)));
    result.valid_until = std::min(result.valid_until, ToTime(X509_get0_notAfter(certificate)));
  }
  ERR_clear_error();
  return result;
}

Failure TrustFailure(const Validation& validation, const ChainAssessment& seen) {
  const CertificateFacts& leaf = seen.certificates.front();
  const std::string openssl = X509_verify_cert_error_string(validation.error);
  switch (validation.error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return {Reason::kTlsCertSelfSigned,
              "the certificate " + SubjectOf(leaf) +
                  " is self-signed; install one from a public CA, for example with certbot"};
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return {Reason::kTlsCertWeak, "certificate " + std::to_string(validation.depth) +
                                        " of the chain is too weak (" + openssl +
                                        "); reissue it with RSA 2048 or ECDSA and SHA-256"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      // OpenSSL reports a missing intermediate and an unknown CA alike. A leaf whose issuer was not
      // sent at all is by far most often the former: the server was given cert.pem, not
      // fullchain.pem.
      if (validation.depth == 0) {
        return {Reason::kTlsCertIncompleteChain,
                "the server sent the certificate " + SubjectOf(leaf) + " without its issuer '" +
                    leaf.issuer_cn +
                    "'; configure the full chain (fullchain.pem, not cert.pem) and reload"};
      }
      [[fallthrough]];
    default:
      return {Reason::kTlsCertUntrusted, "no chain to a trusted CA (" + openssl + " at depth " +
                                             std::to_string(validation.depth) +
                                             "); the leaf was issued by '" + leaf.issuer_cn +
                                             "'. Install one from a public CA, or, in a closed "
                                             "federation, name its CA in tls.ca_file"};
  }
}

// The first certificate of the presented chain that is out of its dates, else the path's error.
MaybeFailure DateFailure(const Validation& validation, const ChainAssessment& seen,
                         SystemTime now) {
  // Compared as seconds: notAfter is often the year 9999, which no number of nanoseconds reaches.
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  for (const CertificateFacts& facts : seen.certificates) {
    const bool is_leaf = &facts == &seen.certificates.front();
    // OpenSSL, and with it Synapse, counts the second of notAfter as past.
    if (second >= facts.not_after) {
      return Failure{Reason::kTlsCertExpired,
                     std::string(is_leaf ? "the certificate " : "the CA certificate ") +
                         SubjectOf(facts) + " expired on " + ToRfc3339(facts.not_after) + ", " +
                         Ago(facts.not_after, now) +
                         (is_leaf ? "; renew it and reload the server"
                                  : "; send the chain that the CA hands out now")};
    }
    if (second < facts.not_before) {
      return Failure{Reason::kTlsCertNotYetValid,
                     "the certificate " + SubjectOf(facts) + " is valid only from " +
                         ToRfc3339(facts.not_before) + "; check both clocks"};
    }
  }
  if (validation.error == X509_V_ERR_CERT_HAS_EXPIRED) {
    return Failure{Reason::kTlsCertExpired, "a CA certificate of the chain has expired"};
  }
  if (validation.error == X509_V_ERR_CERT_NOT_YET_VALID) {
    return Failure{Reason::kTlsCertNotYetValid, "a CA certificate of the chain is not valid yet"};
  }
  return std::nullopt;
}

}  // namespace

std::string SubjectOf(const CertificateFacts& facts) {
  if (!facts.subject_cn.empty()) return "'" + facts.subject_cn + "'";
  if (!facts.dns_names.empty()) return "for " + facts.dns_names.front();
  return "with serial number " + facts.serial_number;
}

CertificateFacts FactsOf(X509* certificate) {
  CertificateFacts facts;
  facts.subject_cn = CommonName(X509_get_subject_name(certificate));
  facts.issuer_cn = CommonName(X509_get_issuer_name(certificate));
  ReadAltNames(certificate, facts);
  facts.serial_number = SerialNumber(certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &length);
  facts.fingerprint_sha256 = ToHex({reinterpret_cast<char*>(digest.data()), length});
  facts.not_before = ToTime(X509_get0_notBefore(certificate));
  facts.not_after = ToTime(X509_get0_notAfter(certificate));
  return facts;
}

std::unique_ptr<CertificateVerifier> CertificateVerifier::Create(const std::string& ca_file,
                                                                 std::string& error) {
  std::unique_ptr<CertificateVerifier> verifier(new CertificateVerifier(X509_STORE_new()));
  const int loaded = ca_file.empty() ? X509_STORE_set_default_paths(verifier->store_)
                                     : X509_STORE_load_file(verifier->store_, ca_file.c_str());
  if (loaded == 1) {
    ERR_clear_error();
    return verifier;
  }
  // Of a file that cannot be opened OpenSSL says only "system lib"; the system says why.
  const unsigned long first = ERR_peek_error();
  const char* why = ERR_SYSTEM_ERROR(first) ? std::strerror(ERR_GET_REASON(first))
                                            : ERR_reason_error_string(ERR_peek_last_error());
  error = (ca_file.empty() ? "the system's trust store" : "'" + ca_file + "'") +
          " cannot be read as a PEM file of CA certificates (" +
          (why == nullptr ? "no certificate found" : why) + ")";
  ERR_clear_error();
  return nullptr;
}

CertificateVerifier::~CertificateVerifier() { X509_STORE_free(store_); }

std::shared_ptr<const ChainAssessment> CertificateVerifier::Assess(const CertificateChain& chain,
                                                                   SystemTime now) {
  const std::string digests = DigestsOf(chain);
  const std::string leaf = digests.substr(0, SHA256_DIGEST_LENGTH);
  if (const auto found = cache_.find(leaf); found != cache_.end()) {
    const Remembered& known = found->second;
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (known.digests == digests && second >= known.valid_from && second < known.valid_until) {
      return known.assessment;
    }
    cache_.erase(found);
  }
  auto assessment = std::make_shared<ChainAssessment>();
  for (const auto& certificate : chain) {
    assessment->certificates.push_back(FactsOf(certificate.get()));
  }
  const Validation validation = Validate(store_, chain, now, 0);
  if (validation.error != X509_V_OK) {
    // Dates are judged apart, so that an expired self-signed certificate is known for both.
    const Validation timeless = Validate(store_, chain, now, X509_V_FLAG_NO_CHECK_TIME);
    if (timeless.error != X509_V_OK) assessment->trust = TrustFailure(timeless, *assessment);
    assessment->dates = DateFailure(validation, *assessment, now);
    // A date that cannot be read has neither passed nor is to come.
    if (!assessment->trust && !assessment->dates)
      assessment->trust = TrustFailure(validation, *assessment);
    return assessment;
  }
  if (cache_.size() >= kChainCacheMax) MakeRoom(now);
  cache_.emplace(leaf,
                 Remembered{digests, assessment, validation.valid_from, validation.valid_until});
  return assessment;
}

void CertificateVerifier::MakeRoom(SystemTime now) {
  // In seconds, for dates beyond what the clock's finer ones can hold.
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  std::erase_if(cache_, [&](const auto& entry) { return entry.second.valid_until <= second; });
  // Those in use are back after one probe each.
  if (cache_.size() >= kChainCacheMax) cache_.clear();
}

MaybeFailure CertificateVerifier::MatchName(X509* leaf, const CertificateName& name) {
  int matches = 0;
  if (name.type == CertificateName::Type::kDns) {
    matches = X509_check_host(
        leaf, name.value.data(), name.value.size(),
        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr);
  } else if (const auto address = IpAddress::Parse(name.value)) {
    matches = X509_check_ip(leaf, address->octets().data(), address->version() == 4 ? 4 : 16, 0);
  }
  if (matches == 1) return std::nullopt;

  const CertificateFacts facts = FactsOf(leaf);
  std::vector<std::string> covered = facts.dns_names;
  covered.insert(covered.end(), facts.ip_addresses.begin(), facts.ip_addresses.end());
  if (covered.size() > 5) {
    const std::string rest = std::to_string(covered.size() - 5) + " more";
    covered.resize(5);
    covered.push_back(rest);
  }
  return Failure{Reason::kTlsCertNameMismatch,
                 "the certificate covers " + (covered.empty() ? "no name" : Join(covered, ", ")) +
                     ", but has to cover " + name.value +
                     "; reissue it for that name (or delegate to a name that it covers)"};
}

}  // namespace matrix_federation
