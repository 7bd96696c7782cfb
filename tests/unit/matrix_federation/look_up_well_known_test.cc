#include <gtest/gtest.h>

#include "fakes/run.h"
#include "fakes/world.h"
#include "matrix_federation/limits.h"
#include "matrix_federation/resolve.h"

namespace matrix_federation {
namespace {

using fakes::FakeWorld;
using fakes::Redirect;
using fakes::Respond;
using fakes::TestCa;

constexpr const char* kBody = R"({"m.server": "matrix.example.org:443"})";

// A world in which example.org has one web server; what it answers, each test says.
struct Web : FakeWorld {
  Web() { dns.AddAddress("example.org", "192.0.2.10"); }

  void Answer(std::function<WebResponse(const WebRequest&)> server) {
    web.Listen("192.0.2.10:443", std::move(server));
  }
  void AnswerAlways(const WebResponse& response) {
    Answer([response](const WebRequest&) { return response; });
  }

  WellKnownObservation LookUp() {
    const Deadlines deadlines = Deadlines::Of(clock.Steady(), options);
    return fakes::Run(LookUpWellKnown("example.org", world(), options, deadlines));
  }
};

std::string ReasonOf(const WellKnownObservation& seen) {
  return seen.failure ? std::string(Word(seen.failure->reason)) : "ok";
}

CertificateChain Chain() { return TestCa().ChainFor("example.org"); }

TEST(LookUpWellKnown, AsksTheHostOnPort443) {
  Web web;
  web.AnswerAlways(Respond(200, kBody, Chain()));
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "ok");
  EXPECT_EQ(seen.delegated->text(), "matrix.example.org:443");
  EXPECT_EQ(seen.url, "https://example.org/.well-known/matrix/server");
  EXPECT_EQ(seen.status, 200);
  ASSERT_EQ(web.web.requests().size(), 1U);
  EXPECT_EQ(web.web.requests()[0].host, "example.org");
  EXPECT_EQ(web.web.requests()[0].target, "/.well-known/matrix/server");
  EXPECT_EQ(web.web.requests()[0].body_max, kWellKnownBodyMax);
}

TEST(LookUpWellKnown, NoticesARedirectLoop) {
  Web web;
  web.Answer([](const WebRequest& request) {
    return Redirect(302, request.target == "/a" ? "/b" : "/a", Chain());
  });
  EXPECT_EQ(ReasonOf(web.LookUp()), "wellknown_redirect_loop");
  EXPECT_EQ(web.web.requests().size(), 3U);
}

TEST(LookUpWellKnown, NoticesARedirectToItself) {
  Web web;
  web.AnswerAlways(Redirect(301, "https://example.org/.well-known/matrix/server#top", Chain()));
  EXPECT_EQ(ReasonOf(web.LookUp()), "wellknown_redirect_loop");
  EXPECT_EQ(web.web.requests().size(), 1U);
}

TEST(LookUpWellKnown, FollowsAsManyRedirectsAsItsLimit) {
  int hops = 0;
  Web web;
  web.Answer([&hops](const WebRequest&) {
    return hops++ < kRedirectsMax ? Redirect(307, "/" + std::to_string(hops), Chain())
                                  : Respond(200, kBody, Chain());
  });
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "ok");
  EXPECT_EQ(seen.redirects, kRedirectsMax);
  EXPECT_EQ(seen.final_url, "https://example.org/" + std::to_string(kRedirectsMax));
}

TEST(LookUpWellKnown, FollowsNoMoreRedirectsThanItsLimit) {
  int hops = 0;
  Web web;
  web.Answer(
      [&hops](const WebRequest&) { return Redirect(308, "/" + std::to_string(++hops), Chain()); });
  EXPECT_EQ(ReasonOf(web.LookUp()), "wellknown_too_many_redirects");
  EXPECT_EQ(hops, kRedirectsMax + 1);
}

TEST(LookUpWellKnown, NeedsALocationThatCanBeFollowed) {
  for (const char* location : {"", "ftp://example.org/", "https://user@example.org/"}) {
    Web web;
    web.AnswerAlways(Redirect(302, location, Chain()));
    const auto seen = web.LookUp();
    EXPECT_EQ(ReasonOf(seen), "wellknown_redirect_no_location") << location;
    EXPECT_TRUE(seen.served) << location;
  }
}

TEST(LookUpWellKnown, FollowsOnlyRedirects) {
  for (const int status : {300, 304, 305, 306}) {
    Web web;
    web.AnswerAlways(Redirect(status, "/x", Chain()));
    EXPECT_EQ(ReasonOf(web.LookUp()), "wellknown_http_status") << status;
  }
}

TEST(LookUpWellKnown, ContactsNoDeniedAddress) {
  Web web;
  web.options.deny.Add("192.0.2.0/24");
  web.AnswerAlways(Respond(200, kBody, Chain()));
  EXPECT_EQ(ReasonOf(web.LookUp()), "wellknown_connect_failed");
  EXPECT_TRUE(web.web.requests().empty());
}

TEST(LookUpWellKnown, ContactsNoDeniedAddressOnARedirect) {
  for (const char* location : {"http://127.0.0.1/", "https://[::ffff:127.0.0.1]/",
                               "http://inside.example.org/", "//127.0.0.1:8080/"}) {
    Web web;
    web.options.deny.Add("127.0.0.0/8");
    web.dns.AddAddress("inside.example.org", "127.0.0.1");
    web.AnswerAlways(Redirect(302, location, Chain()));
    EXPECT_EQ(ReasonOf(web.LookUp()), "wellknown_connect_failed") << location;
    EXPECT_EQ(web.web.requests().size(), 1U) << location;
  }
}

TEST(LookUpWellKnown, JudgesTheCertificateOfEveryHop) {
  Web web;
  web.dns.AddAddress("www.example.org", "192.0.2.50");
  web.AnswerAlways(Redirect(302, "https://www.example.org/", Chain()));
  web.web.Listen("192.0.2.50:443", [](const WebRequest&) { return Respond(200, kBody, Chain()); });
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "wellknown_tls_error");
  EXPECT_EQ(seen.tls->name->reason, Reason::kTlsCertNameMismatch);
  EXPECT_FALSE(seen.delegated);
}

TEST(LookUpWellKnown, NotesWhenARedirectLeavesHttps) {
  Web web;
  web.AnswerAlways(Redirect(302, "http://example.org/x", Chain()));
  web.web.Listen("192.0.2.10:80", [](const WebRequest&) { return Respond(200, kBody, {}); });
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "ok");
  EXPECT_TRUE(seen.left_https);
}

TEST(LookUpWellKnown, TriesTheNextAddressWhenOneDoesNotConnect) {
  Web web;
  web.dns.AddAddress("example.org", "192.0.2.11");
  web.web.Listen("192.0.2.11:443", [](const WebRequest&) { return Respond(200, kBody, Chain()); });
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "ok");
  ASSERT_EQ(seen.addresses.size(), 2U);
  EXPECT_EQ(seen.addresses[0].failure->reason, Reason::kWellknownConnectFailed);
  EXPECT_FALSE(seen.addresses[1].failure);
  EXPECT_EQ(seen.addresses[1].m_server, "matrix.example.org:443");
}

TEST(LookUpWellKnown, BoundsTheAddressesItTries) {
  FakeWorld world;
  for (int i = 1; i <= 20; ++i) {
    world.dns.AddAddress("example.org", "192.0.2." + std::to_string(i));
  }
  world.Look("example.org");
  EXPECT_EQ(world.web.requests().size(), kWellKnownAddressesMax);
}

TEST(LookUpWellKnown, AsksAddressesOfBothIpVersions) {
  Web web;
  for (int i = 1; i <= 20; ++i) {
    web.dns.AddAddress("example.org", "2001:db8::" + std::to_string(i));
  }
  web.AnswerAlways(Respond(200, kBody, Chain()));
  EXPECT_EQ(ReasonOf(web.LookUp()), "ok");
}

TEST(LookUpWellKnown, LeavesHalfOfTheTimeToWhatFollows) {
  FakeWorld world;
  for (int i = 1; i <= 8; ++i) {
    const std::string ip = "192.0.2." + std::to_string(i);
    world.dns.AddAddress("example.org", ip);
    world.web.Listen(ip + ":443", [](const WebRequest&) {
      return WebResponse{.timed_out = true, .error = "no answer"};
    });
  }
  const SteadyTime start = world.clock.Steady();
  const Deadlines deadlines = Deadlines::Of(start, world.options);
  const auto seen =
      fakes::Run(LookUpWellKnown("example.org", world.world(), world.options, deadlines));
  EXPECT_EQ(ReasonOf(seen), "wellknown_timeout");
  EXPECT_LE(world.clock.Steady() - start, world.options.timeout / 2);
}

void KeepSilent(FakeWorld& world, const std::string& ip) {
  world.dns.AddAddress("example.org", ip);
  world.web.Listen(SocketAddress{*IpAddress::Parse(ip), 443}.ToString(), [](const WebRequest&) {
    return WebResponse{.timed_out = true, .error = "no answer"};
  });
}

TEST(LookUpWellKnown, LeavesTimeToTheAddressBehindSilentOnes) {
  Web web;
  web.AnswerAlways(Respond(200, kBody, Chain()));
  for (int i = 1; i < static_cast<int>(kWellKnownAddressesMax); ++i) {
    KeepSilent(web, "2001:db8::" + std::to_string(i));
  }
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "ok") << seen.failure->detail;
  EXPECT_EQ(seen.addresses.size(), kWellKnownAddressesMax);
}

TEST(LookUpWellKnown, GivesTheOnlyAddressThatMayBeContactedTheWholeTime) {
  Web web;
  web.options.deny.Add("192.0.2.0/24");
  web.options.retries = 0;
  KeepSilent(web, "2001:db8::1");
  const SteadyTime start = web.clock.Steady();
  web.LookUp();
  EXPECT_EQ(web.clock.Steady() - start, kConnectTimeoutMax);
}

TEST(LookUpWellKnown, AsksFirstAndBlamesWhatThisMachineHasAWayTo) {
  Web web;
  web.federation.TakeAway(6);
  web.dns.AddAddress("example.org", "2001:db8::1");
  web.AnswerAlways({.stage = WebStage::kConnect, .timed_out = true, .error = "no answer"});
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "wellknown_timeout");
  EXPECT_EQ(seen.attempts, 2) << "nothing else is left to ask";
  ASSERT_EQ(seen.addresses.size(), 1U);
  EXPECT_EQ(seen.addresses[0].address.ip.ToString(), "192.0.2.10");
}

TEST(LookUpWellKnown, SaysNothingOfAnAddressThatItHadNoTimeToAsk) {
  Web web;
  web.AnswerAlways(Respond(200, kBody, Chain()));
  web.dns.Fail("example.org", DnsType::kAaaa, DnsStatus::kTimeout);
  web.options.timeout = fakes::FakeDnsClient::kSilence;
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "wellknown_timeout");
  EXPECT_TRUE(seen.addresses.empty());
  EXPECT_TRUE(web.web.requests().empty());
}

// A web server that answers so as often as said, and serves the file from then on.
void FailFirst(Web& web, const WebResponse& fault, int times = 1) {
  web.Answer([fault, times](const WebRequest&) mutable {
    return times-- > 0 ? fault : Respond(200, kBody, Chain());
  });
}

WebResponse LostAt(WebStage stage) {
  return {.stage = stage, .lost = true, .error = "the connection was reset"};
}

TEST(LookUpWellKnown, AsksAgainWhenTheConnectionIsLost) {
  for (const WebStage stage : {WebStage::kConnect, WebStage::kTls, WebStage::kResponse}) {
    Web web;
    FailFirst(web, LostAt(stage));
    const auto seen = web.LookUp();
    EXPECT_EQ(ReasonOf(seen), "ok");
    EXPECT_EQ(seen.attempts, 2);
    EXPECT_EQ(seen.addresses.at(0).attempts, 2);
  }
}

TEST(LookUpWellKnown, AsksAgainOnARedirect) {
  int lost = 0;
  Web web;
  web.Answer([&lost](const WebRequest& request) {
    if (request.target != "/b") return Redirect(302, "/b", Chain());
    return lost++ == 0 ? LostAt(WebStage::kResponse) : Respond(200, kBody, Chain());
  });
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "ok");
  EXPECT_EQ(seen.attempts, 2);
}

TEST(LookUpWellKnown, AsksTheOnlyAddressAgainWhenItIsSilent) {
  for (const WebStage stage : {WebStage::kConnect, WebStage::kTls}) {
    Web web;
    FailFirst(web, {.stage = stage, .timed_out = true, .error = "no answer"});
    EXPECT_EQ(ReasonOf(web.LookUp()), "ok");
  }
}

TEST(LookUpWellKnown, PrefersTheNextAddressToASilentOne) {
  Web web;
  web.AnswerAlways(Respond(200, kBody, Chain()));
  KeepSilent(web, "2001:db8::1");
  const auto seen = web.LookUp();
  EXPECT_EQ(seen.attempts, 1);
  EXPECT_EQ(web.web.requests().size(), 2U);
}

TEST(LookUpWellKnown, LetsAVerdictStand) {
  for (const WebResponse& verdict :
       {WebResponse{.error = "connection refused"},
        WebResponse{.stage = WebStage::kTls, .error = "no common TLS version"},
        WebResponse{.stage = WebStage::kResponse, .too_large = true}, Respond(503, "", Chain()),
        Respond(200, kBody, TestCa().ChainFor("example.net"))}) {
    Web web;
    FailFirst(web, verdict);
    const auto seen = web.LookUp();
    EXPECT_NE(ReasonOf(seen), "ok");
    EXPECT_EQ(seen.attempts, 1) << ReasonOf(seen);
    EXPECT_EQ(web.web.requests().size(), 1U) << ReasonOf(seen);
  }
}

TEST(LookUpWellKnown, AsksAgainOnlyAsOftenAsItMay) {
  for (const int retries : {0, 2}) {
    Web web;
    web.options.retries = retries;
    web.dns.AddAddress("example.org", "192.0.2.11");
    for (const char* address : {"192.0.2.10:443", "192.0.2.11:443"}) {
      web.web.Listen(address, [](const WebRequest&) { return LostAt(WebStage::kConnect); });
    }
    const auto seen = web.LookUp();
    EXPECT_EQ(ReasonOf(seen), "wellknown_connect_failed");
    EXPECT_EQ(seen.attempts, 1 + retries);
    EXPECT_EQ(web.web.requests().size(), static_cast<std::size_t>(2 + retries));
  }
}

TEST(LookUpWellKnown, DoesNotAskAgainWithoutTheTimeForIt) {
  Web web;
  web.Answer([&web](const WebRequest&) {
    web.clock.Advance(web.options.timeout * 2 / 5);
    return LostAt(WebStage::kResponse);
  });
  EXPECT_EQ(web.LookUp().attempts, 1);
}

TEST(LookUpWellKnown, DoesNotAskAgainWhereThisMachineHasNoWay) {
  Web web;
  web.federation.TakeAway(4);
  web.AnswerAlways(LostAt(WebStage::kConnect));
  EXPECT_EQ(web.LookUp().attempts, 1);
}

TEST(LookUpWellKnown, CountsTheQuestionsForItsAddresses) {
  Web web;
  web.dns.Fail("example.org", DnsType::kA, DnsStatus::kServfail, 1);
  web.AnswerAlways(Respond(200, kBody, Chain()));
  const auto seen = web.LookUp();
  EXPECT_EQ(ReasonOf(seen), "ok");
  EXPECT_EQ(seen.dns_attempts, 2);
  EXPECT_EQ(seen.attempts, 1);
}

TEST(LookUpWellKnown, SaysAtTheAddressWhyItGaveNoName) {
  Web web;
  web.AnswerAlways(Respond(404, "", Chain()));
  const auto seen = web.LookUp();
  ASSERT_EQ(seen.addresses.size(), 1U);
  EXPECT_EQ(seen.addresses[0].failure, seen.failure);
}

TEST(LookUpWellKnown, CountsAsServedWhateverStandsInTheFilesPlace) {
  Web web;
  web.AnswerAlways(Respond(200, "<html>", Chain()));
  EXPECT_TRUE(web.LookUp().served);
  web.AnswerAlways(Respond(200, std::string(kWellKnownBodyMax + 1, ' '), Chain()));
  EXPECT_TRUE(web.LookUp().served);
  web.AnswerAlways(Respond(404, "<html>", Chain()));
  EXPECT_FALSE(web.LookUp().served);
}

}  // namespace
}  // namespace matrix_federation
