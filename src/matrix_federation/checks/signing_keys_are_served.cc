#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// GET /_matrix/key/v2/server: status 200, application/json, all required members.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kHttpNoResponse),
    Word(Reason::kHttpTimeout),
    Word(Reason::kHttpTooLarge),
    Word(Reason::kTlsClientCertRequired),
    Word(Reason::kKeysHttpStatus),
    Word(Reason::kKeysInvalidContentType),
    Word(Reason::kKeysInvalidJson),
    Word(Reason::kKeysMissingField),
    Word(Reason::kKeysInvalidField),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kKeysServed); }

}  // namespace

const Check signing_keys_are_served{
    .name = "signing_keys_are_served",
    .severity = Severity::kError,
    .summary = "The key endpoint answers with a complete JSON document.",
    .citation = "server-server API, Publishing Keys; API standards",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
