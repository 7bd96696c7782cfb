#include "matrix_federation/server_name.h"

#include "conformance/vectors.h"

namespace conformance {
namespace {

namespace mf = matrix_federation;

class ServerName : public testing::TestWithParam<Case> {};

std::string KindText(mf::HostKind kind) {
  switch (kind) {
    case mf::HostKind::kIpv4: return "ipv4";
    case mf::HostKind::kIpv6: return "ipv6";
    case mf::HostKind::kDns: break;
  }
  return "dns";
}

// Every reason of the family is right; the wording in the vectors is one of several.
void ExpectInvalid(const mf::Outcome<mf::ServerName>& name) {
  ASSERT_FALSE(name) << "taken for valid";
  EXPECT_TRUE(Word(name.failure().reason).starts_with("server_name_"))
      << Word(name.failure().reason);
}

TEST_P(ServerName, Holds) {
  const Case& each = GetParam();
  const auto name = mf::ServerName::Parse(each.input["server_name"].as<std::string>());
  if (!each.expected["valid"].as<bool>()) {
    ExpectInvalid(name);
    return;
  }
  ASSERT_TRUE(name) << name.failure().detail;
  EXPECT_EQ(name->host(), TextOf(each.expected["host"]));
  EXPECT_EQ(KindText(name->kind()), TextOf(each.expected["host_type"]));
  EXPECT_EQ(name->port() ? std::to_string(*name->port()) : "null", TextOf(each.expected["port"]));
  std::vector<std::string> warnings;
  for (const mf::Warning warning : name->Warnings()) warnings.emplace_back(Word(warning));
  EXPECT_EQ(warnings, TextsOf(each.expected["warnings"]));
}

INSTANTIATE_TEST_SUITE_P(Vectors, ServerName,
                         testing::ValuesIn(CasesWith("server_name", "server_name")), NameOf);

}  // namespace
}  // namespace conformance
