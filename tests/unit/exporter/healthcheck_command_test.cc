#include "exporter/healthcheck_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace exporter {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> UrlsOf(const std::vector<std::string>& flags, bool has_tls = false) {
  std::string error;
  auto urls = HealthUrls(ParseCommandLine(flags), has_tls, error);
  EXPECT_EQ(error, "");
  return urls;
}

TEST(HealthUrls, AreWhereTheDaemonListensByDefault) {
  EXPECT_THAT(UrlsOf({}), ElementsAre("http://127.0.0.1:10448/-/healthy"));
}

TEST(HealthUrls, AreThoseOfEveryAddress) {
  EXPECT_THAT(UrlsOf({"--web.listen-address=127.0.0.2:1", "--web.listen-address=[2001:db8::1]:2"}),
              ElementsAre("http://127.0.0.2:1/-/healthy", "http://[2001:db8::1]:2/-/healthy"));
}

TEST(HealthUrls, AreOnLoopbackWhereItListensEverywhere) {
  EXPECT_THAT(UrlsOf({"--web.listen-address=:1", "--web.listen-address=0.0.0.0:2",
                      "--web.listen-address=[::]:3"}),
              ElementsAre("http://127.0.0.1:1/-/healthy", "http://127.0.0.1:2/-/healthy",
                          "http://[::1]:3/-/healthy"));
}

TEST(HealthUrls, EscapeTheZoneOfAnAddress) {
  EXPECT_THAT(UrlsOf({"--web.listen-address=[fe80::1%1]:1"}),
              ElementsAre(testing::MatchesRegex(R"(http://\[fe80::1%25\w+\]:1/-/healthy)")));
}

TEST(HealthUrls, FollowTlsAndThePathOfTheOutside) {
  EXPECT_THAT(UrlsOf({"--web.external-url=https://example.org/federation/"}, true),
              ElementsAre("https://127.0.0.1:10448/federation/-/healthy"));
}

TEST(HealthUrls, AreAtTheHealthAddressWithoutTlsAndPath) {
  EXPECT_THAT(UrlsOf({"--web.health-listen-address=:10449", "--web.listen-address=:1",
                      "--web.route-prefix=/federation"},
                     true),
              ElementsAre("http://127.0.0.1:10449/-/healthy"));
}

TEST(HealthUrls, RefuseWhatIsNoAddress) {
  std::string error;
  EXPECT_THAT(HealthUrls(ParseCommandLine({"--web.listen-address=localhost"}), false, error),
              IsEmpty());
  EXPECT_EQ(error,
            "--web.listen-address: localhost: the port is missing; write ADDRESS:PORT, or :PORT "
            "for all addresses");
}

TEST(HealthUrls, RefuseAPortThatTheSystemChooses) {
  std::string error;
  EXPECT_THAT(HealthUrls(ParseCommandLine({"--web.health-listen-address=:0"}), false, error),
              IsEmpty());
  EXPECT_EQ(error,
            "--web.health-listen-address: :0: with port 0 nobody knows where the daemon listens");
}

}  // namespace
}  // namespace exporter
