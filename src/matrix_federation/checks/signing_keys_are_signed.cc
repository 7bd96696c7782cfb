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
    .why = R"(The signatures prove that the owner of the keys wrote the response. Synapse wants
one that it can check, Dendrite and the public federation tester want one by every listed key;
conduwuit, Tuwunel and continuwuity look at the server name only. Whoever refuses the response
refuses your messages.)",
    .fix = R"(Let the homeserver sign with the keys that it lists, under the server name that
others ask for, and let nothing change its answer on the way.

    curl -sS https://matrix.example.org/_matrix/key/v2/server \
        | jq '.server_name, .verify_keys, .signatures'

Every key ID under `verify_keys` has to stand under `signatures` too. In Synapse a key that no
longer signs belongs to `old_signing_keys`, in Dendrite to `old_private_keys`.)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
