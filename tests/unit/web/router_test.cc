#include "web/router.h"

#include <gtest/gtest.h>

namespace web {
namespace {

Handler Says(std::string what) {
  return [what = std::move(what)](const Request& request) {
    return Text(200, what + " " + request.path + " [" + request.rest + "]");
  };
}

std::vector<Route> ExampleRoutes() {
  return {
      {"/", "front", Says("front")},
      {.path = "/servers/", .summary = "one server", .handler = Says("server"), .prefix = true},
      {"/servers/all", "all servers", Says("all")},
      {.path = "/servers/deep/", .summary = "deeper", .handler = Says("deep"), .prefix = true},
      {.path = "/reload", .summary = "reloads", .handler = Says("reload"), .methods = {"POST"}},
  };
}

Answer Ask(const Router& router, std::string path, std::string method = "GET") {
  return router.Ask({.method = std::move(method), .path = std::move(path)}, [] { return true; });
}

std::string BodyOf(const Answer& answer) { return *answer.response.body; }

TEST(Router, HandsTheRestOfThePathToAPrefixRoute) {
  const Router router(ExampleRoutes());
  EXPECT_EQ(BodyOf(Ask(router, "/servers/example.org%3A8448")),
            "server /servers/example.org%3A8448 [example.org%3A8448]");
  EXPECT_EQ(BodyOf(Ask(router, "/servers/")), "server /servers/ []");
  EXPECT_EQ(Ask(router, "/servers").response.status, 404U);
}

TEST(Router, CountsAPrefixRouteAsOneHandler) {
  EXPECT_EQ(Ask(Router(ExampleRoutes()), "/servers/anything").handler, "/servers/");
}

TEST(Router, PrefersTheExactRouteThenTheLongestPrefix) {
  const Router router(ExampleRoutes());
  EXPECT_EQ(BodyOf(Ask(router, "/servers/all")), "all /servers/all []");
  EXPECT_EQ(BodyOf(Ask(router, "/servers/deep/x")), "deep /servers/deep/x [x]");
}

TEST(Router, SaysWhichMethodsARouteAnswers) {
  const Router router(ExampleRoutes());
  const Answer answer = Ask(router, "/reload");
  EXPECT_EQ(answer.response.status, 405U);
  EXPECT_EQ(answer.handler, "/reload");
  ASSERT_EQ(answer.response.fields.size(), 1U);
  EXPECT_EQ(answer.response.fields[0].name, "Allow");
  EXPECT_EQ(answer.response.fields[0].value, "POST");
  EXPECT_EQ(Ask(router, "/reload", "POST").response.status, 200U);
}

Answer AskWith(const Router& router, std::string path, std::string query) {
  return router.Ask({.method = "GET", .path = std::move(path), .query = std::move(query)},
                    [] { return true; });
}

TEST(Router, NamesAParameterThatTheRouteDoesNotTake) {
  auto routes = ExampleRoutes();
  routes.push_back(
      {.path = "/list", .summary = "takes any", .handler = Says("list"), .takes_parameters = true});
  const Router router(std::move(routes));
  const Answer answer = AskWith(router, "/servers/a", "name=a&b=c");
  EXPECT_EQ(answer.response.status, 400U);
  EXPECT_EQ(answer.handler, "/servers/");
  EXPECT_EQ(BodyOf(answer), "unknown parameter 'name'; this path takes none\n");
  EXPECT_LT(BodyOf(AskWith(router, "/", std::string(10'000, 'x'))).size(), 200U);
  EXPECT_EQ(AskWith(router, "/", "").response.status, 200U);
  EXPECT_EQ(AskWith(router, "/list", "name=a").response.status, 200U);
}

TEST(Router, RefusesWhenThereIsNoRoomButForRoutesThatAlwaysAnswer) {
  const Router router({{"/metrics", "heavy", Says("metrics")},
                       {.path = "/-/healthy", .handler = Says("healthy"), .always = true}});
  const auto full = [] { return false; };
  const Answer heavy = router.Ask({.method = "GET", .path = "/metrics"}, full);
  EXPECT_EQ(heavy.response.status, 503U);
  EXPECT_EQ(heavy.handler, "/metrics");
  EXPECT_EQ(router.Ask({.method = "GET", .path = "/-/healthy"}, full).response.status, 200U);
}

TEST(Router, ServesOnlyBelowThePrefix) {
  const Router router(ExampleRoutes(), "/federation");
  EXPECT_EQ(BodyOf(Ask(router, "/federation/")), "front / []");
  EXPECT_EQ(BodyOf(Ask(router, "/federation/servers/a")), "server /servers/a [a]");
  for (const char* path : {"/", "/servers/all", "/federationx", "/federation/none", "", "*"}) {
    EXPECT_EQ(Ask(router, path).response.status, 404U) << path;
  }
}

TEST(Router, LeadsFromThePrefixWithoutItsSlashToTheFrontPage) {
  const Answer answer = Ask(Router(ExampleRoutes(), "/federation"), "/federation");
  EXPECT_EQ(answer.response.status, 301U);
  ASSERT_EQ(answer.response.fields.size(), 1U);
  EXPECT_EQ(answer.response.fields[0].value, "/federation/");
}

TEST(Router, NamesThePathsBelowThePrefix) {
  const std::string body = BodyOf(Ask(Router(ExampleRoutes(), "/federation"), "/none"));
  EXPECT_NE(body.find("/federation/servers/all  all servers\n"), std::string::npos) << body;
  EXPECT_NE(body.find("/federation/servers/…  one server\n"), std::string::npos) << body;
}

}  // namespace
}  // namespace web
