#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// Beyond valid_until_ts readers refuse the keys, and with them requests and events.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kKeysExpired),
    Word(Reason::kKeysKeyBothCurrentAndOld),
});

Verdict Judge(const Observation& seen) {
  Verdict verdict = JudgeStage(seen, Stage::kKeysInDate);
  // What is worth knowing about keys, whatever the verdict, stands beside it once.
  for (const EndpointObservation& endpoint : seen.endpoints) {
    if (!endpoint.keys) continue;
    verdict.findings = endpoint.keys->warnings;
    break;
  }
  return verdict;
}

}  // namespace

const Check signing_keys_are_in_date{
    .name = "signing_keys_are_in_date",
    .severity = Severity::kError,
    .summary = "The signing keys are valid now.",
    .citation = "server-server API, Publishing Keys (valid_until_ts)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
