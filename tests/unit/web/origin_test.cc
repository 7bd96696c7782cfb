#include "web/origin.h"

#include <gtest/gtest.h>

namespace web {
namespace {

Request From(std::string origin, std::string site = "", std::string host = "monitor.test:10448") {
  return {.host = std::move(host), .origin = std::move(origin), .site = std::move(site)};
}

TEST(Origin, OfAProgramIsNotSaid) { EXPECT_FALSE(ComesFromElsewhere(From(""))); }

TEST(Origin, IsOursWhereItIsTheHostThatWasAsked) {
  EXPECT_FALSE(ComesFromElsewhere(From("http://monitor.test:10448", "same-origin")));
  EXPECT_FALSE(ComesFromElsewhere(From("https://Monitor.TEST:10448")));
}

TEST(Origin, IsOursWhereItIsTheExternalOne) {
  EXPECT_FALSE(ComesFromElsewhere(From("https://example.org", "same-origin", "127.0.0.1:10448"),
                                  "https://example.org"));
}

TEST(Origin, IsElsewhereOtherwise) {
  for (const char* origin :
       {"https://attacker.test", "http://monitor.test", "http://monitor.test:10449", "null",
        "http://monitor.test:10448, https://attacker.test", "http://", "monitor.test:10448"}) {
    EXPECT_TRUE(ComesFromElsewhere(From(origin))) << origin;
    EXPECT_TRUE(ComesFromElsewhere(From(origin), "https://example.org")) << origin;
  }
}

TEST(Origin, IsElsewhereWhenTheBrowserSaysSo) {
  for (const char* site : {"cross-site", "same-site", "what-comes-next"}) {
    EXPECT_TRUE(ComesFromElsewhere(From("", site))) << site;
    EXPECT_TRUE(ComesFromElsewhere(From("http://monitor.test:10448", site))) << site;
  }
  EXPECT_FALSE(ComesFromElsewhere(From("", "none"))) << "an address that was typed";
}

TEST(OriginOf, AUrlIsWhatStandsBeforeItsPath) {
  EXPECT_EQ(OriginOf("https://example.org/federation/x"), "https://example.org");
  EXPECT_EQ(OriginOf("http://[::1]:8080"), "http://[::1]:8080");
  EXPECT_EQ(OriginOf(""), "");
}

}  // namespace
}  // namespace web
