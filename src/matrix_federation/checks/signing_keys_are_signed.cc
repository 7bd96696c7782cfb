#include "checks/all_checks.h"
#include "checks/stages.h"

namespace matrix_federation {
namespace {

// The response is signed using the verify_keys; server_name is the queried name, case included.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kKeysServerNameMismatch),
    Word(Reason::kKeysNoSupportedKey),
    Word(Reason::kKeysInvalidKey),
    Word(Reason::kKeysNotSelfSigned),
    Word(Reason::kKeysInvalidSignature),
    Word(Reason::kKeysVerifyKeyNotSigned),
    Word(Reason::kKeysCompromised),
    Word(Reason::kCanonicalJsonUnrepresentable),
});

Verdict Judge(const Observation& seen) { return JudgeStage(seen, Stage::kKeysSigned); }

}  // namespace

const Check signing_keys_are_signed{
    .name = "signing_keys_are_signed",
    .severity = Severity::kError,
    .summary = "Every listed ed25519 key has signed the response, which names this server.",
    .citation = "server-server API, Publishing Keys; appendices, Checking for a Signature",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
