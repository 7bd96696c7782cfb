#include "matrix_federation/server_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matrix_federation {
namespace {

std::string ReasonFor(const std::string& text) {
  const auto name = ServerName::Parse(text);
  return name ? "valid" : std::string(Word(name.failure().reason));
}

TEST(ServerName, KeepsItsSpelling) {
  const auto name = ServerName::Parse("Example.org:08448");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->text(), "Example.org:08448");
  EXPECT_EQ(name->host(), "Example.org");
  EXPECT_EQ(name->port(), 8448);
}

TEST(ServerName, LosesTheBracketsOfAnIpv6Host) {
  const auto name = ServerName::Parse("[2001:db8::1]:8448");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->host(), "2001:db8::1");
  EXPECT_EQ(name->kind(), HostKind::kIpv6);
}

TEST(ServerName, TakesOnlyFourDecimalOctetsForAnAddress) {
  for (const char* text : {"127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "010.1.2.3"}) {
    const auto name = ServerName::Parse(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->kind(), HostKind::kDns) << text;
  }
}

TEST(ServerName, NeedsAPortThatTcpKnows) {
  for (const char* text : {"a.org:", "a.org:0", "a.org:65536", "a.org:+443", "a.org:-1",
                           "a.org: 443", "a.org:443 ", "a.org:000443"}) {
    EXPECT_EQ(ReasonFor(text), "server_name_invalid_port") << text;
  }
  EXPECT_EQ(ReasonFor("a.org:1"), "valid");
  EXPECT_EQ(ReasonFor("a.org:65535"), "valid");
}

TEST(ServerName, NeedsAWholeAddressBetweenBrackets) {
  for (const char* text : {"[", "[]", "[::1", "[::1]8448", "[::1]x:1", "[fe80::1%eth0]",
                           "[192.0.2.1]", "[example.org]", "[::1]]"}) {
    EXPECT_EQ(ReasonFor(text), "server_name_invalid_ip_literal") << text;
  }
}

TEST(ServerName, RefusesWhatIsNoHostName) {
  const std::string with_null("a\0b.org", 7);
  for (const std::string& text :
       {std::string("a..b"), std::string("a.b."), std::string("a b.org"), std::string("a_b.org"),
        std::string("a.org/"), std::string("u@a.org"), std::string("a.org\n"), with_null}) {
    EXPECT_EQ(ReasonFor(text), "server_name_invalid_hostname") << text;
  }
}

TEST(ServerName, KnowsAUrlBeforeItMissesAPort) {
  for (const char* text : {"https://example.org", "https://example.org:8448", "http://a.org/"}) {
    const auto name = ServerName::Parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.failure().reason, Reason::kServerNameInvalidHostname) << text;
    EXPECT_NE(name.failure().detail.find("it is a URL"), std::string::npos) << text;
  }
}

TEST(ServerName, HasLabelsOfAtMost63Characters) {
  EXPECT_EQ(ReasonFor(std::string(63, 'a') + ".org"), "valid");
  EXPECT_EQ(ReasonFor(std::string(64, 'a') + ".org"), "server_name_invalid_hostname");
}

TEST(ServerName, HasAtMost255Characters) {
  std::string name;
  while (name.size() < 251) name += "abc.";
  EXPECT_EQ(ReasonFor(name + "org"), "valid") << "255 characters";
  EXPECT_EQ(ReasonFor(name + "orgs"), "server_name_too_long") << "256 characters";
  EXPECT_EQ(ReasonFor(name + "o:443"), "server_name_too_long") << "with its port 257 characters";
}

TEST(ServerName, AdvisesAgainstUpperCaseInNamesOnly) {
  EXPECT_EQ(ServerName::Parse("A.org")->Warnings(),
            std::vector<Warning>{Warning::kServerNameUppercase});
  EXPECT_TRUE(ServerName::Parse("[2001:DB8::1]")->Warnings().empty());
}

TEST(ServerName, QuotesNoControlCharacterToTheTerminal) {
  EXPECT_THAT(ServerName::Parse("a\n\x1b[2J.org").failure().detail,
              testing::StartsWith("'a\xef\xbf\xbd\xef\xbf\xbd[2J.org'"));
}

TEST(ServerName, QuotesOnlyAPieceOfALongOne) {
  EXPECT_LT(ServerName::Parse(std::string(100'000, '!')).failure().detail.size(), 500U);
}

}  // namespace
}  // namespace matrix_federation
