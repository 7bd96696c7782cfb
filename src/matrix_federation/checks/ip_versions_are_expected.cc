#include <algorithm>
#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// Where this machine lacks an IP version itself, nothing can be said about it, nor where the
// address that works may be among those that were not tried or not found out.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kExpectationIpVersion),
});

bool Works(const Observation& seen, int ip_version) {
  return std::any_of(seen.endpoints.begin(), seen.endpoints.end(), [&](const auto& endpoint) {
    return endpoint.address.ip.network_version() == ip_version && FirstFailure(endpoint) == nullptr;
  });
}

bool MayHaveMore(const Observation& seen, int ip_version) {
  return (ip_version == 4 ? seen.truncated_ipv4 : seen.truncated_ipv6) ||
         std::any_of(seen.hosts.begin(), seen.hosts.end(), [&](const HostObservation& host) {
           return host.unknown_ip_versions.contains(ip_version);
         });
}

Verdict Judge(const Observation& seen) {
  if (seen.expected.ip_versions.empty()) return Verdict::NotApplicable();
  if (!SomeEndpointWorks(seen)) return Verdict::NotObserved();
  bool judged = false;
  bool cut_off = false;
  for (const int version : seen.expected.ip_versions) {
    if (!(version == 4 ? seen.network_has_ipv4 : seen.network_has_ipv6)) continue;
    judged = true;
    if (Works(seen, version)) continue;
    if (MayHaveMore(seen, version)) {
      cut_off = true;
      continue;
    }
    const std::string ip = "IPv" + std::to_string(version);
    return Verdict::Fail({Reason::kExpectationIpVersion,
                          "no " + ip +
                              " address works, as configured it has to; see the failing "
                              "addresses, or add the missing record"});
  }
  return judged && !cut_off ? Verdict::Pass() : Verdict::NotObserved();
}

}  // namespace

const Check ip_versions_are_expected{
    .name = "ip_versions_are_expected",
    .severity = Severity::kError,
    .summary = "Each configured IP version has a working address (expect.ip_versions).",
    .citation = "configuration: expect",
    .why = R"(Servers that have only the missing IP version cannot reach the homeserver.)",
    .fix = R"(Publish an address of that version, listen on it, and open the firewall for it.

    matrix.example.org.  3600  IN  A     192.0.2.10
    matrix.example.org.  3600  IN  AAAA  2001:db8::10

nginx:

    listen 443 ssl;
    listen [::]:443 ssl;)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
