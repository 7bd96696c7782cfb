#include "exporter/page/path_steps.h"

#include <algorithm>
#include <array>
#include <limits>

#include "exporter/page/words.h"

namespace exporter::page {
namespace {

void Asked(Html& html, const std::string& what) {
  html << R"(<p class="asked">)" << what << "</p>";
}

void CameBack(Html& html, const std::string& what) {
  html << R"(<p class="back">)" << what << "</p>";
}

std::string Whole(double number) { return std::to_string(static_cast<long long>(number)); }

// Of what was asked for again after a fault that may go by.
void WriteAttempts(Html& html, Node asked) {
  const auto attempts = asked["attempts"].Number();
  if (attempts.value_or(1) > 1) CameBack(html, "at attempt " + Whole(*attempts) + ":");
}

void WriteName(Html& html, Node report) { Asked(html, report["server_name"].Text()); }

void WriteWellKnown(Html& html, Node report) {
  const Node lookup = report["discovery"]["well_known"];
  if (!lookup["attempted"].IsTrue()) {
    CameBack(html, "Not asked: the name itself says where to go.");
    return;
  }
  Asked(html, "GET " + lookup["url"].Text());
  WriteAttempts(html, lookup);
  if (lookup["redirects"].Number().value_or(0) > 0) {
    CameBack(html, "redirected to " + lookup["final_url"].Text());
  }
  const auto status = lookup["status"].Number();
  if (lookup["m_server"]) {
    CameBack(html, "m.server: " + lookup["m_server"].Text());
    if (const auto lifetime = lookup["cache_lifetime_seconds"].Number()) {
      CameBack(html,
               "to be kept for " + Length(std::chrono::seconds(static_cast<long long>(*lifetime))));
    }
  } else if (status && *status == 404) {
    CameBack(html, "404: none published, which is fine");
  } else {
    // The finding of the check says more.
    CameBack(html, "no usable answer, so discovery goes on without it");
  }
}

void WriteSrv(Html& html, Node report) {
  const auto queries = report["discovery"]["srv"].Items();
  if (queries.empty()) CameBack(html, "Not asked: the step before said where to go.");
  for (const Node& query : queries) {
    Asked(html, "SRV " + query["name"].Text());
    WriteAttempts(html, query);
    const auto records = query["records"].Items();
    if (records.empty()) CameBack(html, query["outcome"].Text());
    for (const Node& record : records) {
      CameBack(html, record["target"].Text() + ":" + Whole(record["port"].Number().value_or(0)) +
                         " (priority " + Whole(record["priority"].Number().value_or(0)) +
                         ", weight " + Whole(record["weight"].Number().value_or(0)) + ")");
    }
  }
}

void WriteDestination(Html& html, Node report) {
  const Node discovery = report["discovery"];
  if (!discovery["host"]) {
    CameBack(html, "Discovery led nowhere.");
    return;
  }
  const auto port = discovery["port"].Number();
  Asked(html, "A, AAAA " + discovery["host"].Text() + (port ? ", port " + Whole(*port) : ""));
  for (const Node& endpoint : report["endpoints"].Items()) {
    CameBack(html, endpoint["address"].Text());
  }
  if (report["endpoints"].Items().empty()) CameBack(html, "no address to go to");
  if (const auto more = report["endpoints_truncated"].Number()) {
    CameBack(html, "and " + Whole(*more) + " more, not tried");
  }
}

struct Times {
  std::size_t count = 0;
  double shortest = std::numeric_limits<double>::max();
  double longest = 0;

  void Add(std::optional<double> seconds) {
    if (!seconds) return;
    ++count;
    shortest = std::min(shortest, *seconds);
    longest = std::max(longest, *seconds);
  }
  [[nodiscard]] std::string text() const {
    if (count == 0) return "";
    const std::string least = Span(shortest);
    const std::string most = Span(longest);
    return least == most ? most : least + " to " + most;
  }
};

void WriteTimes(Html& html, const Times& times) {
  if (times.count != 0) html << R"(<p class="took">)" << times.text() << "</p>";
}

// "2 of 3 addresses": how many got as far as this.
std::string OfAddresses(std::size_t count, std::size_t all) {
  return std::to_string(count) + " of " + std::to_string(all) +
         (all == 1 ? " address" : " addresses");
}

void WriteConnection(Html& html, Node report) {
  Times times;
  const auto endpoints = report["endpoints"].Items();
  for (const Node& each : endpoints) times.Add(each["connect_seconds"].Number());
  if (endpoints.empty()) return;
  Asked(html, "TCP");
  CameBack(html, OfAddresses(times.count, endpoints.size()) + " accepted");
  WriteTimes(html, times);
}

void WriteTls(Html& html, Node report) {
  Times times;
  std::size_t verified = 0;
  const auto endpoints = report["endpoints"].Items();
  for (const Node& each : endpoints) {
    times.Add(each["tls_seconds"].Number());
    if (each["tls"]["verified"].IsTrue()) ++verified;
  }
  if (times.count == 0) return;
  const Node name = report["discovery"]["cert_name"]["value"];
  Asked(html, "a certificate for " + name.Text());
  CameBack(html, OfAddresses(verified, times.count) + " presented a good one");
  WriteTimes(html, times);
}

// Of a document that every address was asked for.
void WriteDocument(Html& html, Node report, std::string_view member, const std::string& path) {
  Times times;
  std::size_t good = 0;
  std::string software;
  for (const Node& each : report["endpoints"].Items()) {
    const Node document = each[member];
    times.Add(document["seconds"].Number());
    if (document["ok"].IsTrue()) ++good;
    if (software.empty() && document["version"]) {
      software = document["name"].Text() + " " + document["version"].Text();
    }
  }
  if (times.count == 0) return;
  Asked(html, "GET " + path);
  CameBack(html, OfAddresses(good, times.count) + " answered well");
  if (!software.empty()) CameBack(html, software);
  WriteTimes(html, times);
}

void WriteKeys(Html& html, Node report) {
  WriteDocument(html, report, "keys", "/_matrix/key/v2/server");
}

void WriteVersion(Html& html, Node report) {
  WriteDocument(html, report, "version", "/_matrix/federation/v1/version");
}

constexpr std::string_view kNameChecks[] = {"server_name_is_valid"};
constexpr std::string_view kWellKnownChecks[] = {"well_known_is_usable", "well_known_is_consistent",
                                                 "well_known_certificate_is_valid"};
constexpr std::string_view kSrvChecks[] = {"srv_lookup_works", "srv_uses_current_name",
                                           "srv_targets_are_hosts", "srv_agrees_with_well_known"};
constexpr std::string_view kAddressChecks[] = {"destination_resolves", "delegation_is_expected"};
constexpr std::string_view kConnectionChecks[] = {"destination_accepts_connections",
                                                  "every_address_works", "both_ip_versions_work",
                                                  "ip_versions_are_expected"};
constexpr std::string_view kTlsChecks[] = {
    "tls_handshake_succeeds", "tls_version_is_current",   "certificate_is_trusted",
    "certificate_is_in_date", "certificate_matches_name", "certificates_are_consistent"};
constexpr std::string_view kKeyChecks[] = {"signing_keys_are_served", "signing_keys_are_signed",
                                           "signing_keys_are_in_date", "signing_keys_are_stable",
                                           "clock_is_right"};
constexpr std::string_view kVersionChecks[] = {"version_is_reported", "software_is_expected",
                                               "version_is_expected", "proxy_preserves_paths"};

constexpr PathStep kSteps[] = {
    {"name", "Name", kNameChecks, WriteName},
    {"well-known", ".well-known", kWellKnownChecks, WriteWellKnown},
    {"srv", "SRV", kSrvChecks, WriteSrv},
    {"addresses", "Addresses", kAddressChecks, WriteDestination},
    {"connection", "Connection", kConnectionChecks, WriteConnection},
    {"tls", "TLS", kTlsChecks, WriteTls},
    {"keys", "Keys", kKeyChecks, WriteKeys},
    {"version", "Version", kVersionChecks, WriteVersion},
};

std::vector<Node> ChecksOf(const PathStep& step, Node report) {
  std::vector<Node> checks;
  for (const Node& check : report["checks"].Items()) {
    if (std::find(step.checks.begin(), step.checks.end(), check["name"].Text()) !=
        step.checks.end()) {
      checks.push_back(check);
    }
  }
  return checks;
}

}  // namespace

std::span<const PathStep> AllPathSteps() { return kSteps; }

std::vector<Node> FailedChecks(const PathStep& step, Node report) {
  auto checks = ChecksOf(step, report);
  std::erase_if(checks, [](const Node& check) { return check["status"].Text() != "fail"; });
  return checks;
}

Passage PassageOf(const PathStep& step, Node report) {
  Passage passage = Passage::kNotTaken;
  for (const Node& check : ChecksOf(step, report)) {
    const std::string status = check["status"].Text();
    if (status == "fail") {
      if (check["severity"].Text() == "error") return Passage::kBroken;
      passage = Passage::kWarned;
    } else if (status == "pass" && passage == Passage::kNotTaken) {
      passage = Passage::kPassed;
    }
  }
  return passage;
}

}  // namespace exporter::page
