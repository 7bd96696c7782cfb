#include <algorithm>

#include "checks/all_checks.h"
#include "text.h"

namespace matrix_federation {
namespace {

// A lost .well-known file goes unnoticed where port 8448 still answers, until it no longer does.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kExpectationDelegation),
});

// A host in the one way of many in which it may be written.
std::string Canonical(const std::string& host) {
  const auto address = IpAddress::Parse(host);
  return address ? address->ToString() : ToLower(host);
}

// An expectation without a port is one about the host.
bool Matches(const ServerName& expected, const std::string& host,
             std::optional<std::uint16_t> port) {
  return Canonical(expected.host()) == Canonical(host) &&
         (!expected.port() || !port || *expected.port() == *port);
}

Verdict Judge(const Observation& seen) {
  if (seen.expected.delegation.empty()) return Verdict::NotApplicable();
  const auto expected = ServerName::Parse(seen.expected.delegation);
  if (!expected || !seen.destination) return Verdict::NotObserved();
  const Destination destination = LastingDestination(seen);
  if (Matches(*expected, destination.host, destination.port)) return Verdict::Pass();
  const auto equal = EqualServices(seen);
  if (std::any_of(equal.begin(), equal.end(), [&](const SrvRecord& record) {
        return Matches(*expected, record.target, record.port);
      })) {
    return Verdict::Pass();
  }
  const auto& delegated = seen.well_known.delegated;
  // With SRV records behind the file, the name in the file is as good an expectation.
  if (delegated && ToLower(delegated->text()) == ToLower(expected->text())) return Verdict::Pass();
  std::string detail = "discovery leads to " + destination.host + ":" +
                       std::to_string(destination.port) + " (step " +
                       std::string(Word(destination.step)) + "), not to " + expected->text() +
                       " as configured";
  if (seen.well_known.failure) detail += "; " + seen.well_known.failure->detail;
  return Verdict::Fail({Reason::kExpectationDelegation, std::move(detail)});
}

}  // namespace

const Check delegation_is_expected{
    .name = "delegation_is_expected",
    .severity = Severity::kError,
    .summary = "Discovery leads where the configuration expects it (expect.delegation).",
    .citation = "configuration: expect; server-server API, Resolving server names",
    .why = R"(Other servers now go elsewhere. Often the `.well-known` file vanished when the
web site was moved, and nobody notices while port 8448 or an SRV record still answers; servers
forget the old delegation within 48 hours.)",
    .fix = R"(Put the `.well-known` file or the SRV record back, or correct `expect.delegation`
if the change was meant.

    curl -i https://example.org/.well-known/matrix/server
    dig +short _matrix-fed._tcp.example.org SRV)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
