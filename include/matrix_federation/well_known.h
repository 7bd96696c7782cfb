#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "matrix_federation/outcome.h"
#include "matrix_federation/ports.h"
#include "matrix_federation/server_name.h"

namespace matrix_federation {

/// The server name that the body of `/.well-known/matrix/server` delegates to (server-server API,
/// "Resolving server names", step 3). The Content-Type does not matter. Fails with a `wellknown_…`
/// reason; the specification then goes on at step 4. Pure.
Outcome<ServerName> ReadWellKnownBody(std::string_view body);

/// The lifetime that the headers name: max-age before Expires, an unreadable Expires is already
/// past (RFC 9111 sections 4.2.1 and 5.3). nullopt when they name none.
std::optional<std::chrono::seconds> HeaderLifetime(const WebResponse& response, SystemTime now);

/// How long a homeserver caches the answer: by its headers between 5 minutes (Synapse's minimum)
/// and 48 hours, 24 hours without any; an error answer one hour (server-server API, step 3).
std::chrono::seconds CacheLifetime(bool usable, std::optional<std::chrono::seconds> header);

/// A redirect target made absolute against the URL that sent it (RFC 3986 section 5).
struct Url {
  bool https = true;
  std::string host;  // an IPv6 literal stays in brackets
  std::uint16_t port = 443;
  std::string target;  // path and query, at least "/"

  [[nodiscard]] std::string ToString() const;
};

/// Resolves the Location header `location` against `base`. nullopt when it is no http(s) URL that a
/// homeserver could follow (other scheme, bad host or port, too long).
std::optional<Url> ResolveLocation(const Url& base, std::string_view location);

}  // namespace matrix_federation
