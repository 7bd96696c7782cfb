#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/config_file.h"

namespace exporter {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// What the only homeserver of a configuration is probed with while it fails.
std::chrono::milliseconds FailureInterval(const std::string& text) {
  const auto loaded = ParseConfiguration(text, "c.yaml");
  EXPECT_THAT(loaded.mistakes, ElementsAre());
  return loaded.settings->homeservers.at(0).probe.failure_interval;
}

TEST(ConfigHomeservers, InheritTheFailureIntervalAsItIsWritten) {
  EXPECT_EQ(FailureInterval("probe: {interval: 1m, failure_interval: 5m}\n"
                            "homeservers: [{server_name: example.org, interval: 10m}]\n"),
            minutes(5));
  EXPECT_EQ(FailureInterval("probe: {interval: 30s}\n"
                            "homeservers: [{server_name: example.org, interval: 10m}]\n"),
            minutes(1))
      << "the default";
}

TEST(ConfigHomeservers, AreProbedNoLessOftenWhileTheyFail) {
  EXPECT_EQ(FailureInterval("probe: {interval: 30s}\nhomeservers: [example.org]\n"), seconds(30));
  EXPECT_EQ(FailureInterval("homeservers: [{server_name: example.org, interval: 20s}]\n"),
            seconds(20));
}

// YAML has an escape for it, and it would end a text early or spoil a scrape.
TEST(ConfigHomeservers, HoldNoNul) {
  for (const char* text :
       {R"(homeservers: [{server_name: a.org, group: "a\0b"}])",
        R"(homeservers: [{server_name: a.org, labels: {team: "a\0b"}}])",
        R"(homeservers: [{server_name: a.org, expect: {software: "a\0b"}}])",
        "homeservers: [a.org]\ntls: {ca_file: \"/etc/ssl/certs/ca-certificates.crt\\0foo\"}",
        "homeservers: [a.org]\nhomeserver_files: [\"a.yaml\\0x\"]"}) {
    EXPECT_THAT(ParseConfiguration(text, "c.yaml").mistakes,
                ElementsAre(HasSubstr("is not allowed here")))
        << text;
  }
}

}  // namespace
}  // namespace exporter
