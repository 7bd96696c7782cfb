#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "fakes/certificates.h"
#include "matrix_federation/certificate.h"
#include "unit/no_more_descriptors.h"

namespace matrix_federation {
namespace {

using fakes::kNow;
using fakes::TestCa;

// A variable of the environment, back to what it was at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    const char* former = std::getenv(name);
    was_set_ = former != nullptr;
    if (was_set_) former_ = former;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { was_set_ ? ::setenv(name_, former_.c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  bool was_set_;
  std::string former_;
};

// The system's trust store as Debian has it: a directory with a file for each CA, found by hash.
class CaDirectory {
 public:
  CaDirectory() {
    std::filesystem::create_directory(path_);
    const auto hash = X509_subject_name_hash(TestCa().root().certificate().get());
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "%08lx.0", hash);
    std::filesystem::copy_file(file_.path(), path_ / name.data());
  }
  ~CaDirectory() { std::filesystem::remove_all(path_); }
  CaDirectory(const CaDirectory&) = delete;
  CaDirectory& operator=(const CaDirectory&) = delete;

 private:
  fakes::PemFile file_{{TestCa().root().certificate()}};
  std::filesystem::path path_ = file_.path() + ".d";
  Variable directory_{X509_get_default_cert_dir_env(), path_.string()};
  Variable no_file_{X509_get_default_cert_file_env(), (path_ / "none").string()};
};

TEST(TrustStore, MayBeADirectory) {
  const CaDirectory directory;
  std::string error;
  const auto verifier = CertificateVerifier::Create("", error);
  ASSERT_TRUE(verifier) << error;
  EXPECT_FALSE(verifier->Assess(TestCa().ChainFor("example.org"), kNow)->trust);
}

TEST(TrustStore, ThatCannotBeReadForWantOfADescriptorSaysNothingOfAChain) {
  const CaDirectory directory;
  std::string error;
  const auto verifier = CertificateVerifier::Create("", error);
  ASSERT_TRUE(verifier) << error;
  const CertificateChain chain = TestCa().ChainFor("example.org");
  {
    const unit::NoMoreDescriptors none;
    EXPECT_THAT([&] { verifier->Assess(chain, kNow); },
                testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("no descriptor")));
  }
  EXPECT_FALSE(verifier->Assess(chain, kNow)->trust);
}

}  // namespace
}  // namespace matrix_federation
