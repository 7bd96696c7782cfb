#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// A version that cannot be compared leaves the expectation unmet: nobody would notice otherwise.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kExpectationVersion),
});

Verdict Judge(const Observation& seen) {
  const std::string& expected = seen.expected.min_version;
  if (expected.empty()) return Verdict::NotApplicable();
  const ServerVersion* reported = ReportedVersion(seen);
  if (reported == nullptr || !reported->version) return Verdict::NotObserved();
  const auto least = SoftwareVersion::Parse(expected);
  const auto actual = SoftwareVersion::Parse(*reported->version);
  if (least && actual && Compare(*actual, *least) >= 0) return Verdict::Pass();
  return Verdict::Fail({Reason::kExpectationVersion,
                        "the homeserver reports version '" + *reported->version + "', " +
                            (actual ? "older than " : "which cannot be compared with ") + expected +
                            " as configured"});
}

}  // namespace

const Check version_is_expected{
    .name = "version_is_expected",
    .severity = Severity::kError,
    .summary = "The homeserver is at least of the configured version (expect.min_version).",
    .citation = "configuration: expect",
    .why = R"(Old versions lack security fixes and newer room versions: users cannot join rooms
that other servers create with those.)",
    .fix = R"(Update the homeserver, and restart it so that the new version runs.

    curl -sS https://matrix.example.org/_matrix/federation/v1/version

If it was set back on purpose, lower `expect.min_version`.)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
