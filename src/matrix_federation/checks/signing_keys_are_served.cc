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
    .why = R"(Servers check every request and message by the sender's signing keys. Without
them they refuse both. A server that still remembers the keys goes on for a while, so the
failure spreads over hours.)",
    .fix = R"(Lead the whole of `/_matrix` to the homeserver, not only `/_matrix/client`.

nginx (no slash and no path after the port):

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
    }

Caddy:

    matrix.example.org, matrix.example.org:8448 {
        reverse_proxy /_matrix/* 127.0.0.1:8008
    }

Try the homeserver without the proxy, then with it:

    curl -i http://127.0.0.1:8008/_matrix/key/v2/server
    curl -i https://matrix.example.org/_matrix/key/v2/server)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
