#include "web/address.h"

#include <gtest/gtest.h>

namespace web {
namespace {

std::string Refusal(std::string_view text) {
  std::string error;
  EXPECT_FALSE(ParseAddress(text, error)) << text;
  return error;
}

Address Parsed(std::string_view text) {
  std::string error;
  return ParseAddress(text, error).value();
}

TEST(Address, OfAPortAloneIsAllAddresses) {
  EXPECT_EQ(Parsed(":10448").ip, std::nullopt);
  EXPECT_EQ(Parsed(":10448").port, 10448);
}

TEST(Address, TakesBothIpVersions) {
  EXPECT_EQ(Parsed("127.0.0.1:9999").ip->to_string(), "127.0.0.1");
  EXPECT_EQ(Parsed("[::1]:9999").ip->to_string(), "::1");
}

TEST(Address, TakesEveryPort) {
  EXPECT_EQ(Parsed(":0").port, 0);
  EXPECT_EQ(Parsed(":65535").port, 65535);
}

TEST(Address, RefusesANameAndSaysWhatToWrite) {
  const std::string error = Refusal("localhost:9999");
  EXPECT_NE(error.find("\"localhost\" is no IP address"), std::string::npos) << error;
  EXPECT_NE(error.find("127.0.0.1:9999"), std::string::npos) << error;
}

TEST(Address, RefusesIpv6WithoutBracketsAndShowsThem) {
  EXPECT_NE(Refusal("::1:9999").find("[::1]:9999"), std::string::npos);
}

TEST(Address, RefusesIpv4InBrackets) { Refusal("[127.0.0.1]:9999"); }

TEST(Address, RefusesIncompleteIpv4) { Refusal("127.1:9999"); }

TEST(Address, RefusesAMissingPort) {
  for (const char* text : {"", "127.0.0.1", "[::1]"}) {
    EXPECT_NE(Refusal(text).find("port is missing"), std::string::npos) << text;
  }
}

TEST(Address, RefusesWhatIsNoPort) {
  for (const char* text : {":", ":http", ":65536", ":-1", ":+1", ": 80", "127.0.0.1:80 "}) {
    EXPECT_NE(Refusal(text).find("is no port"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace web
