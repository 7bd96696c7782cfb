#include <algorithm>

#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// Beyond valid_until_ts readers refuse the keys, and with them requests and events.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kKeysExpired),
    Word(Reason::kKeysKeyBothCurrentAndOld),
});
constexpr auto kRemarks = std::to_array<std::string_view>({
    Word(Warning::kKeysExpiringSoon),
    Word(Warning::kKeysValidUntilCapped),
    Word(Warning::kKeysNonstandardKeyId),
    Word(Warning::kKeysUrlsafeBase64),
});

Verdict Judge(const Observation& seen) {
  Verdict verdict = JudgeStage(seen, Stage::kKeysInDate);
  // What is worth knowing about keys, whatever the verdict, stands beside it once.
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.keys) continue;
    for (const Finding& finding : endpoint.keys->warnings) {
      const bool is_known =
          std::any_of(verdict.findings.begin(), verdict.findings.end(),
                      [&](const Finding& known) { return known.warning == finding.warning; });
      if (!is_known) verdict.findings.push_back(finding);
    }
  }
  return verdict;
}

}  // namespace

const Check signing_keys_are_in_date{
    .name = "signing_keys_are_in_date",
    .severity = Severity::kError,
    .summary = "The signing keys are valid now.",
    .citation = "server-server API, Publishing Keys (valid_until_ts)",
    .why = R"(Other servers take the keys until `valid_until_ts`, and for seven days at most.
After that they refuse requests and messages that are signed with them. A key that is listed as
retired counts as such for Synapse, even if it still signs.)",
    .fix = R"(Set the homeserver's clock right, let nothing cache `/_matrix/key`, and take
current keys out of the retired ones.

    timedatectl
    curl -sS https://matrix.example.org/_matrix/key/v2/server \
        | jq '.valid_until_ts / 1000 | todate'

nginx:

    proxy_cache off;)",
    .codes = kCodes,
    .remarks = kRemarks,
    .judge = Judge,
};

}  // namespace matrix_federation
