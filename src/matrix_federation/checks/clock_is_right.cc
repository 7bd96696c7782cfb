#include <cmath>
#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// Key validity and event timestamps suffer from a wrong clock. One of the two is wrong.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kClockSkew),
});

constexpr double kSkewMaxSeconds = 60;

std::string Source(const EndpointObservation& endpoint) {
  const auto age = endpoint.clock_age.count();
  if (age == 0) return "its Date header";
  return "the Date header of an answer that a cache had kept for " + std::to_string(age) +
         " seconds";
}

Verdict Judge(const Observation& seen) {
  bool observed = false;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.clock_offset_seconds) continue;
    observed = true;
    if (std::abs(*endpoint.clock_offset_seconds) <= kSkewMaxSeconds) continue;
    const auto seconds = static_cast<long>(*endpoint.clock_offset_seconds);
    return Verdict::Warn(
        {Warning::kClockSkew, "the clock of " + endpoint.address.ToString() + " (" +
                                  Source(endpoint) + ") is " + std::to_string(std::abs(seconds)) +
                                  " seconds " + (seconds > 0 ? "ahead of" : "behind") +
                                  " this machine's; see on both whether NTP runs (timedatectl)"});
  }
  return observed ? Verdict::Pass() : Verdict::NotObserved();
}

}  // namespace

const Check clock_is_right{
    .name = "clock_is_right",
    .severity = Severity::kWarning,
    .summary = "The homeserver's clock differs from ours by at most a minute.",
    .citation = "operational; RFC 9110 section 6.6.1",
    .why = R"(One of the two clocks is wrong. If it is the homeserver's, its messages carry
wrong times, and its keys are valid for too short or too long: far enough off, other servers
refuse them as expired.)",
    .fix = R"(Let both machines follow a time server.

    timedatectl
    timedatectl set-ntp true)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
