#include "fakes/certificates.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdexcept>

namespace matrix_federation::fakes {
namespace {

constexpr SystemSeconds kCaNotBefore{std::chrono::seconds{1'577'836'800}};  // 2020-01-01
constexpr SystemSeconds kCaNotAfter{std::chrono::seconds{2'208'988'800}};   // 2040-01-01

void Require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

std::shared_ptr<EVP_PKEY> MakeKey(KeyKind kind) {
  EVP_PKEY* key = kind == KeyKind::kP256
                      ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024});
  Require(key != nullptr, "no key");
  return {key, EVP_PKEY_free};
}

void SetTime(ASN1_TIME* field, SystemSeconds time) {
  Require(ASN1_TIME_set(field, time.time_since_epoch().count()) != nullptr, "no time");
}

void SetText(ASN1_TIME* field, const std::string& text) {
  if (text.empty()) return;
  field->type = V_ASN1_GENERALIZEDTIME;
  Require(ASN1_STRING_set(field, text.data(), static_cast<int>(text.size())) == 1, "no time");
}

void SetSerialNumber(X509* certificate, const std::string& hex) {
  BIGNUM* number = nullptr;
  Require(BN_hex2bn(&number, hex.c_str()) > 0, "no number");
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
}

void SetCommonName(X509* certificate, const std::string& name) {
  if (name.empty()) return;
  const auto* text = reinterpret_cast<const unsigned char*>(name.data());
  Require(
      X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                 text, static_cast<int>(name.size()), -1, 0) == 1,
      "no common name");
}

void AddExtension(X509* certificate, X509V3_CTX& context, int nid, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  Require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "no extension");
}

std::string AltNames(const CertificateRequest& request) {
  std::string names;
  for (const std::string& name : request.dns_names) names += ",DNS:" + name;
  for (const std::string& address : request.ip_addresses) names += ",IP:" + address;
  return names.empty() ? names : names.substr(1);
}

}  // namespace

Identity::Identity(const CertificateRequest& request, const Identity* issuer)
    : key_(MakeKey(request.key)), certificate_(X509_new(), X509_free) {
  static long serial_number = 0;
  X509* certificate = certificate_.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_number);
  if (!request.serial_number.empty()) SetSerialNumber(certificate, request.serial_number);
  SetTime(X509_getm_notBefore(certificate), request.not_before);
  SetTime(X509_getm_notAfter(certificate), request.not_after);
  SetText(X509_getm_notBefore(certificate), request.not_before_text);
  SetText(X509_getm_notAfter(certificate), request.not_after_text);
  SetCommonName(certificate, request.common_name);
  X509_set_pubkey(certificate, key_.get());
  X509* signer = issuer == nullptr ? certificate : issuer->certificate_.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));

  X509V3_CTX context;
  X509V3_set_ctx(&context, signer, certificate, nullptr, nullptr, 0);
  AddExtension(certificate, context, NID_basic_constraints,
               request.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (const std::string names = AltNames(request); !names.empty()) {
    AddExtension(certificate, context, NID_subject_alt_name, names);
  }
  if (!request.extended_key_usage.empty()) {
    AddExtension(certificate, context, NID_ext_key_usage, request.extended_key_usage);
  }
  EVP_PKEY* signing_key = issuer == nullptr ? key_.get() : issuer->key_.get();
  const EVP_MD* digest = request.signed_with_sha1 ? EVP_sha1() : EVP_sha256();
  Require(X509_sign(certificate, signing_key, digest) > 0, "no signature");
}

Identity Identity::SelfSigned(const CertificateRequest& request) { return {request, nullptr}; }

Identity Identity::Issue(const CertificateRequest& request) const { return {request, this}; }

PublicCa::PublicCa()
    : root_(Identity::SelfSigned({.common_name = "Test Root",
                                  .not_before = kCaNotBefore,
                                  .not_after = kCaNotAfter,
                                  .is_ca = true})),
      intermediate_(root_.Issue({.common_name = "Test Intermediate",
                                 .not_before = kCaNotBefore,
                                 .not_after = kCaNotAfter,
                                 .is_ca = true})) {}

CertificateChain PublicCa::Chain(const CertificateRequest& request) const {
  return {intermediate_.Issue(request).certificate(), intermediate_.certificate()};
}

CertificateChain PublicCa::ChainFor(const std::string& dns_name) const {
  return Chain(CertificateRequest{.dns_names = {dns_name}});
}

const PublicCa& TestCa() {
  static const PublicCa ca;
  return ca;
}

PemFile::PemFile(const CertificateChain& certificates) {
  std::string pattern = (std::filesystem::temp_directory_path() / "trusted-XXXXXX").string();
  const int descriptor = mkstemp(pattern.data());
  path_ = pattern;
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(fdopen(descriptor, "w"),
                                                                std::fclose);
  if (!file) throw std::runtime_error("no temporary file");
  for (const auto& certificate : certificates) {
    Require(PEM_write_X509(file.get(), certificate.get()) == 1, "no PEM");
  }
}

PemFile::~PemFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

std::unique_ptr<CertificateVerifier> VerifierTrusting(const CertificateChain& roots) {
  const PemFile file(roots);
  std::string error;
  auto verifier = CertificateVerifier::Create(file.path(), error);
  if (!verifier) throw std::runtime_error(error);
  return verifier;
}

}  // namespace matrix_federation::fakes
