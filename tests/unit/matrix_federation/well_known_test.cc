#include "matrix_federation/well_known.h"

#include <gtest/gtest.h>

#include "fakes/clock.h"
#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

using std::chrono::seconds;

const Url kBase{.host = "example.org", .target = "/.well-known/matrix/server?v=1"};

// Where a Location header leads from kBase, or "nowhere".
std::string Led(std::string_view location, const Url& base = kBase) {
  const auto url = ResolveLocation(base, location);
  return url ? url->ToString() : "nowhere";
}

TEST(ResolveLocation, TakesAbsoluteUrls) {
  EXPECT_EQ(Led("https://www.example.org/x?y=z"), "https://www.example.org/x?y=z");
  EXPECT_EQ(Led("HTTPS://www.example.org/x"), "https://www.example.org/x");
  EXPECT_EQ(Led("http://www.example.org/x"), "http://www.example.org/x");
  EXPECT_EQ(Led("https://www.example.org:8443/x"), "https://www.example.org:8443/x");
  EXPECT_EQ(Led("https://www.example.org:443/x"), "https://www.example.org/x");
  EXPECT_EQ(Led("http://www.example.org:443/x"), "http://www.example.org:443/x");
}

TEST(ResolveLocation, GivesAnEmptyPathASlash) {
  EXPECT_EQ(Led("https://www.example.org"), "https://www.example.org/");
  EXPECT_EQ(Led("https://www.example.org?a=b"), "https://www.example.org/?a=b");
}

TEST(ResolveLocation, KeepsTheSchemeOfASchemeRelativeReference) {
  EXPECT_EQ(Led("//www.example.org/x"), "https://www.example.org/x");
  Url plain = kBase;
  plain.https = false;
  plain.port = 80;
  EXPECT_EQ(Led("//www.example.org/x", plain), "http://www.example.org/x");
}

TEST(ResolveLocation, KeepsTheAuthorityOfARelativeReference) {
  Url base = kBase;
  base.port = 8443;
  EXPECT_EQ(Led("/x", base), "https://example.org:8443/x");
  EXPECT_EQ(Led("/x?u=https://other.example.org/"),
            "https://example.org/x?u=https://other.example.org/");
  EXPECT_EQ(Led("client"), "https://example.org/.well-known/matrix/client");
  EXPECT_EQ(Led("?v=2"), "https://example.org/.well-known/matrix/server?v=2");
}

TEST(ResolveLocation, RemovesDotSegments) {
  EXPECT_EQ(Led("../server.json"), "https://example.org/.well-known/server.json");
  EXPECT_EQ(Led("./x/./y/../z"), "https://example.org/.well-known/matrix/x/z");
  EXPECT_EQ(Led("../../../../x"), "https://example.org/x");
  EXPECT_EQ(Led(".."), "https://example.org/.well-known/");
  EXPECT_EQ(Led("/a/../?q=../b"), "https://example.org/?q=../b");
  EXPECT_EQ(Led("/.hidden/..x"), "https://example.org/.hidden/..x");
}

TEST(ResolveLocation, RefusesToGrowWithEveryRelativeRedirect) {
  Url base = kBase;
  base.target = "/" + std::string(kUrlLengthMax - 100, 'a') + "/";
  EXPECT_EQ(Led(std::string(90, 'b'), base).size(), base.ToString().size() + 90);
  EXPECT_EQ(Led(std::string(200, 'b'), base), "nowhere");
}

TEST(ResolveLocation, DropsFragments) {
  EXPECT_EQ(Led("/x#y"), "https://example.org/x");
  EXPECT_EQ(Led("#y"), "https://example.org/.well-known/matrix/server?v=1");
}

TEST(ResolveLocation, TakesIpLiterals) {
  EXPECT_EQ(Led("https://[2001:db8::1]:8443/x"), "https://[2001:db8::1]:8443/x");
  EXPECT_EQ(Led("https://[2001:db8::1]/x"), "https://[2001:db8::1]/x");
  EXPECT_EQ(Led("//192.0.2.1/x"), "https://192.0.2.1/x");
}

TEST(ResolveLocation, RefusesOtherSchemes) {
  for (const char* location :
       {"ftp://example.org/x", "file:///etc/passwd", "javascript:alert(1)", "data:,x", "gopher://x",
        "https:example.org", "mailto:a@example.org"}) {
    EXPECT_EQ(Led(location), "nowhere") << location;
  }
}

TEST(ResolveLocation, RefusesUserinfo) {
  EXPECT_EQ(Led("https://user:secret@example.org/x"), "nowhere");
  EXPECT_EQ(Led("//example.org@192.0.2.1/x"), "nowhere");
}

TEST(ResolveLocation, TakesAuthoritiesThatAreNoServerNames) {
  EXPECT_EQ(Led("https://my_bucket.example.org/x"), "https://my_bucket.example.org/x");
  EXPECT_EQ(Led("https://www.example.org./x"), "https://www.example.org/x");
  EXPECT_EQ(Led("https://www.example.org.:8443/x"), "https://www.example.org:8443/x");
  EXPECT_EQ(Led("https://www.example.org:/x"), "https://www.example.org/x");
  EXPECT_EQ(Led("https://[2001:db8::1]:/x"), "https://[2001:db8::1]/x");
}

TEST(ResolveLocation, RefusesBadAuthorities) {
  for (const char* location :
       {"https:///x", "https://example.org:0/", "https://example.org:99999/",
        "https://exa mple.org/", "https://[::1/", "https://./", "https://:/", "https://:443/",
        "https://a../", "https://[::1]./", "https://a..b/"}) {
    EXPECT_EQ(Led(location), "nowhere") << location;
  }
}

TEST(ResolveLocation, RefusesWhatWouldBreakARequestLine) {
  EXPECT_EQ(Led("/x\r\nHost: other.example.org"), "nowhere");
  EXPECT_EQ(Led("/x y"), "nowhere");
  EXPECT_EQ(Led("/x\x01"), "nowhere");
}

TEST(ResolveLocation, BoundsTheLength) {
  EXPECT_NE(Led("/" + std::string(kUrlLengthMax - 1, 'a')), "nowhere");
  EXPECT_EQ(Led("/" + std::string(kUrlLengthMax, 'a')), "nowhere");
}

WebResponse WithHeaders(std::string cache_control, std::optional<std::string> expires) {
  WebResponse response;
  response.cache_control = std::move(cache_control);
  response.has_expires = expires.has_value();
  response.expires = expires.value_or("");
  return response;
}

std::optional<seconds> LifetimeOf(std::string cache_control,
                                  std::optional<std::string> expires = std::nullopt) {
  return HeaderLifetime(WithHeaders(std::move(cache_control), std::move(expires)), fakes::kNow);
}

TEST(HeaderLifetime, ReadsMaxAge) {
  EXPECT_EQ(LifetimeOf("max-age=60"), seconds{60});
  EXPECT_EQ(LifetimeOf("public, max-age=\"60\""), seconds{60});
  EXPECT_EQ(LifetimeOf("max-age=60, max-age=90"), seconds{60});
  EXPECT_EQ(LifetimeOf("s-maxage=60"), std::nullopt);
  EXPECT_EQ(LifetimeOf("max-age=-60"), std::nullopt);
  EXPECT_EQ(LifetimeOf("max-age=-0"), std::nullopt);
  EXPECT_EQ(LifetimeOf("max-age=1.5"), std::nullopt);
  EXPECT_GT(LifetimeOf("max-age=99999999999999999999"), seconds{86400 * 365});
}

TEST(HeaderLifetime, IsZeroForNoStore) {
  EXPECT_EQ(LifetimeOf("max-age=60, no-store"), seconds{0});
}

TEST(HeaderLifetime, ReadsExpiresWhenThereIsNoMaxAge) {
  EXPECT_EQ(LifetimeOf("", "Fri, 15 Jan 2027 09:00:00 GMT"), seconds{3600});
  EXPECT_EQ(LifetimeOf("max-age=60", "Fri, 15 Jan 2027 09:00:00 GMT"), seconds{60});
  EXPECT_EQ(LifetimeOf("", "Fri, 15 Jan 2027 07:00:00 GMT"), seconds{0}) << "already past";
  EXPECT_EQ(LifetimeOf("", ""), seconds{0}) << "unreadable";
}

TEST(CacheLifetime, StaysWithinItsBounds) {
  EXPECT_EQ(CacheLifetime(true, seconds{1}), std::chrono::minutes{5});
  EXPECT_EQ(CacheLifetime(true, seconds{999'999'999}), std::chrono::hours{48});
  EXPECT_EQ(CacheLifetime(true, std::nullopt), std::chrono::hours{24});
  EXPECT_EQ(CacheLifetime(false, seconds{1}), std::chrono::hours{1});
}

TEST(ReadWellKnownBody, QuotesAPrintablePieceOfABadName) {
  const auto name =
      ReadWellKnownBody("{\"m.server\": \"\\u001b[31m" + std::string(9000, 'x') + "\"}");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.failure().detail.find('\x1b'), std::string::npos);
  EXPECT_LT(name.failure().detail.size(), 400U);
}

}  // namespace
}  // namespace matrix_federation
