#include "explanations/families.h"

namespace matrix_federation {
namespace {

constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kVersionHttpStatus,
     {.meaning = R"(`/_matrix/federation/v1/version` was answered with another HTTP status than
200.)",
      .why = R"(Homeservers never ask each other for it, so federation works without. But it
stands beside the paths that they do ask for: if the proxy does not lead `/_matrix/federation`
to the homeserver, messages fail as well. The public federation tester reports the server as
bad.)",
      .fix = R"(Lead the whole of `/_matrix` to the homeserver.

nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
    }

Caddy:

    matrix.example.org, matrix.example.org:8448 {
        reverse_proxy /_matrix/* 127.0.0.1:8008
    }

Check it:

    curl -i https://matrix.example.org/_matrix/federation/v1/version

If you hide the version on purpose, nothing is wrong: only the version is unknown here.)"}},
    {Reason::kVersionInvalidJson,
     {.meaning = R"(The answer to `/_matrix/federation/v1/version` is not JSON.)",
      .why = R"(Homeservers never ask for it. But whatever answers is hardly the homeserver,
and then the other paths below `/_matrix/federation`, which carry messages, do not lead to it
either.)",
      .fix = R"(See who answers, and lead the whole of `/_matrix` to the homeserver.

    curl -i https://matrix.example.org/_matrix/federation/v1/version
    curl -i http://127.0.0.1:8008/_matrix/federation/v1/version

nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
    })"}},
    {Reason::kVersionMissingServer,
     {.meaning = R"(The version response is JSON, but has no member `server`.)",
      .why = R"(Homeservers never ask for it, so nothing breaks. Monitoring cannot say which
software runs, nor whether it is out of date.)",
      .fix = R"(Update the homeserver, or remove what answers in its place.

    curl -sS http://127.0.0.1:8008/_matrix/federation/v1/version

It should look like this:

    {"server": {"name": "Synapse", "version": "1.157.1"}})"}},
    {Reason::kVersionMissingVersion,
     {.meaning = R"(The version response names no version.)",
      .why = R"(Homeservers never ask for it, so nothing breaks. Monitoring cannot say whether
the software is out of date.)",
      .fix = R"(Update the homeserver, or remove what answers in its place.

    curl -sS http://127.0.0.1:8008/_matrix/federation/v1/version

It should look like this:

    {"server": {"name": "Synapse", "version": "1.157.1"}})"}},
    {Reason::kVersionInvalidField,
     {.meaning = R"(The name or the version in the version response is not a string, or
`server` is not an object.)",
      .why = R"(Homeservers never ask for it, so nothing breaks. Monitoring cannot say which
software runs, nor whether it is out of date.)",
      .fix = R"(Update the homeserver, or report the answer to its authors.

    curl -sS http://127.0.0.1:8008/_matrix/federation/v1/version

It should look like this:

    {"server": {"name": "Synapse", "version": "1.157.1"}})"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kVersionUnparseable,
     {.meaning = R"(The version does not begin with a number, so it cannot be compared with
others.)",
      .why = R"(Nothing breaks for other servers. Whether the software is out of date remains
unknown.)",
      .fix = R"(Run a release, whose version looks like `1.157.1`. If you build the software
yourself, give it a version that begins with the release; in Synapse `SYNAPSE_VERSION_STRING`
replaces it.)"}},
    {Warning::kVersionContentType,
     {.meaning = R"(The version response is not declared as `application/json`.)",
      .why = R"(The specification demands this type of every federation response. Nobody asks
for the version to federate, but where the header is changed here, it may be for the keys too,
and those Synapse refuses.)",
      .fix = R"(Remove what sets Content-Type for `/_matrix` in the reverse proxy.

Compare the header with the proxy and without:

    curl -i https://matrix.example.org/_matrix/federation/v1/version
    curl -i http://127.0.0.1:8008/_matrix/federation/v1/version)"}},
    {Warning::kVersionUnsafeCharacters,
     {.meaning = R"(The software's name or version held control characters or invalid UTF-8.
They were replaced here.)",
      .why = R"(Nothing breaks for other servers. Such text can upset terminals and monitoring
that show it unchecked.)",
      .fix = R"(Correct the name or version that the homeserver is built or configured with.

    curl -sS http://127.0.0.1:8008/_matrix/federation/v1/version | cat -v)"}},
    {Warning::kVersionUnavailable,
     {.meaning = R"(Federation works, but `/_matrix/federation/v1/version` gives no usable
answer.)",
      .why = R"(Homeservers never ask each other for it. It may be hidden on purpose; or the
proxy leads only some of `/_matrix` to the homeserver, and then requests that carry messages
fail.)",
      .fix = R"(Lead the whole of `/_matrix` to the homeserver, not only `/_matrix/key`.

nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
    }

The path must answer 401, not 404, for a request without a signature:

    curl -i https://matrix.example.org/_matrix/federation/v1/event/x)"}},
});

}  // namespace

ExplainedReasons VersionReasons() { return kReasons; }
ExplainedWarnings VersionWarnings() { return kWarnings; }

}  // namespace matrix_federation
