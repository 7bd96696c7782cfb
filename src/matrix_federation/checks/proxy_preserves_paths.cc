#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// A proxy that decodes paths breaks every signature over them, while all that needs no signature
// works on.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kProxyDecodesPaths),
});

constexpr int kUnauthorized = 401;
constexpr int kTooManyRequests = 429;

// A refusal of the path itself, and not of whoever asks too often or too early.
bool IsRefusal(int status) { return status >= 300 && status < 500 && status != kTooManyRequests; }

Verdict Judge(const Observation& seen) {
  bool asked = false;
  bool preserved = false;
  for (const EndpointObservation& endpoint : seen.endpoints) {
    const auto& [encoded, plain] = endpoint.paths;
    if (!encoded || (*encoded != kUnauthorized && !plain)) continue;
    asked = true;
    preserved = preserved || *encoded == kUnauthorized;
    // Only whoever demands a signature for the one path is known to know the other.
    if (*encoded == kUnauthorized || plain != kUnauthorized || !IsRefusal(*encoded)) continue;
    return Verdict::Warn(
        {Warning::kProxyDecodesPaths,
         endpoint.address.ToString() + " answers a path with an encoded slash (%2F) with " +
             std::to_string(*encoded) +
             " and the same without with 401: the proxy decodes or refuses it, and signed requests "
             "fail. nginx: no path or slash after the port in proxy_pass; Apache: "
             "AllowEncodedSlashes NoDecode and nocanon"});
  }
  if (!asked) return Verdict::NotObserved();
  return preserved ? Verdict::Pass() : Verdict::NotApplicable();
}

}  // namespace

const Check proxy_preserves_paths{
    .name = "proxy_preserves_paths",
    .severity = Severity::kWarning,
    .summary = "An encoded slash in a path reaches the homeserver encoded.",
    .citation =
        "server-server API, Request Authentication (the signature covers the path); RFC 3986 "
        "section 2.2",
    .why = R"(Servers sign the path of each request. If the proxy changes or refuses it, joins,
invites and single events fail, while the version and the keys look fine.)",
    .fix = R"(Make the proxy pass paths on unchanged.

nginx (no slash and no path after the port, and no `rewrite`):

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
    }

Apache:

    AllowEncodedSlashes NoDecode
    ProxyPass /_matrix http://127.0.0.1:8008/_matrix nocanon

Mind `nocanon`: with `NoDecode` alone Apache leaves the slash as it is and decodes all the rest,
which breaks signatures too and which nobody can see from outside.

Caddy passes them on as they are:

    reverse_proxy /_matrix/* 127.0.0.1:8008)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
