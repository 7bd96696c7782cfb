#include "web/password.h"

#include <gtest/gtest.h>

namespace web {
namespace {

using namespace std::string_literals;

// "secret" by crypt(5) of libxcrypt, cost 4.
const std::string kHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

TEST(BasicCredentials, AreDecoded) {
  const auto credentials = ParseBasic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user, "Aladdin");
  EXPECT_EQ(credentials->password, "open sesame");
}

TEST(BasicCredentials, KnowTheSchemeInAnyCase) { EXPECT_TRUE(ParseBasic("bAsIc  YTpi")); }

TEST(BasicCredentials, SplitAtTheFirstColon) {
  const auto credentials = ParseBasic("Basic YTpiOmM=");  // a:b:c
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user, "a");
  EXPECT_EQ(credentials->password, "b:c");
}

TEST(BasicCredentials, MayBeEmpty) {
  const auto credentials = ParseBasic("Basic Og==");
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user + credentials->password, "");
}

TEST(BasicCredentials, AreNoneOfAnythingElse) {
  for (const char* header :
       {"", "Basic", "Basic ", "Bearer YTpi", "Basic YTpi!", "Basic YTp", "Basic YW",
        "Basic YWI=", "Basic YTpi=", "Basic ====", "Basic Y=pi", "BasicYTpi", "Basic YTpi YTpi"}) {
    EXPECT_FALSE(ParseBasic(header)) << header;
  }
}

TEST(Bcrypt, KnowsItsHashes) {
  const std::string tail = "$abcdefghijklmnopqrstuu" + std::string(31, '.');
  EXPECT_EQ(BcryptCost("$2y$10" + tail), 10);
  EXPECT_EQ(BcryptCost("$2a$04" + tail), 4);
  EXPECT_EQ(BcryptCost("$2b$31" + tail), 31);
  for (const std::string& hash :
       {"$2y$03" + tail, "$2y$32" + tail, "$2x$10" + tail, "$2y$1" + tail, "$2y$10" + tail + "a",
        "$2y$10$abc"s, "$6$salt$hash"s, "secret"s, ""s, "$2y$ 4" + tail,
        "$2y$10$:bcdefghijklmnopqrstuu" + std::string(31, '.')}) {
    EXPECT_FALSE(BcryptCost(hash)) << hash;
  }
}

TEST(Bcrypt, MatchesThePasswordOnly) {
  EXPECT_TRUE(MatchesBcrypt(kHash, "secret"));
  EXPECT_FALSE(MatchesBcrypt(kHash, "Secret"));
  EXPECT_FALSE(MatchesBcrypt(kHash, ""));
}

TEST(Bcrypt, DoesNotStopAtANul) { EXPECT_FALSE(MatchesBcrypt(kHash, "secret\0more"s)); }

TEST(Bcrypt, NobodyCostsAsMuchAsTheMostExpensiveUser) {
  const std::string tail = "$abcdefghijklmnopqrstuu" + std::string(31, '.');
  EXPECT_EQ(BcryptCost(HashOfNobody({{"a", "$2b$05" + tail}, {"b", "$2b$12" + tail}})), 12);
  EXPECT_EQ(BcryptCost(HashOfNobody({{"a", "$2b$05" + tail}})), 5);
}

}  // namespace
}  // namespace web
