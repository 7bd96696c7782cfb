#include "matrix_federation/well_known.h"

#include <algorithm>

#include "matrix_federation/http_age.h"
#include "matrix_federation/http_date.h"
#include "matrix_federation/json_value.h"
#include "matrix_federation/limits.h"
#include "text.h"

namespace matrix_federation {
namespace {

using std::chrono::seconds;

// One directive of Cache-Control: its name in lower case and its value without quotes.
struct Directive {
  std::string name;
  std::string_view value;
};

Directive ReadDirective(std::string_view text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  std::string_view value = equals < text.size() ? Trim(text.substr(equals + 1)) : "";
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return {ToLower(Trim(text.substr(0, equals))), value};
}

std::optional<seconds> CacheControlLifetime(std::string_view header) {
  std::optional<seconds> lifetime;
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    const Directive directive = ReadDirective(header.substr(0, comma));
    if (directive.name == "no-store") return seconds{0};
    if (directive.name == "max-age" && !lifetime) lifetime = ParseAge(directive.value);
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return lifetime;
}

// Splits "host:port", "host" or "[v6]:port"; the port is that of the scheme when none is given. RFC
// 3986 section 3.2 allows more than a server name may have: no digits after the colon, a final dot,
// and underscores, as names of storage have them.
bool ReadAuthority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) return false;
  if (authority.ends_with(':')) authority.remove_suffix(1);
  const std::size_t end = authority.ends_with(']') ? authority.size() : authority.rfind(':');
  std::string host(authority.substr(0, end));
  const std::string_view port = authority.substr(host.size());
  if (host.ends_with('.')) host.pop_back();
  std::string spelled = host;
  std::replace(spelled.begin(), spelled.end(), '_', '-');
  const auto name = ServerName::Parse(spelled + std::string(port));
  if (!name) return false;
  url.host = name->kind() == HostKind::kIpv6 ? "[" + name->host() + "]" : std::move(host);
  url.port = name->port().value_or(url.https ? 443 : 80);
  return true;
}

// RFC 3986 section 5.2.4: "/a/./b/../c" is "/a/c". `path` begins with a slash.
std::string RemoveDotSegments(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (!up && segment != "/.") {
      result += segment;
      continue;
    }
    if (up) result.erase(std::min(result.rfind('/'), result.size()));
    if (path.empty()) result += '/';
  }
  return result;
}

// A path and a query, without dot segments in the path.
std::string Normalized(std::string_view target) {
  const std::size_t query = std::min(target.find('?'), target.size());
  return RemoveDotSegments(target.substr(0, query)) + std::string(target.substr(query));
}

// RFC 3986 section 5.2.3: a relative path replaces what follows the last slash of the base.
std::string MergePath(std::string_view base, std::string_view path) {
  if (path.empty()) return std::string(base);
  if (path.starts_with('/')) return std::string(path);
  base = base.substr(0, base.find('?'));
  if (path.starts_with('?')) return std::string(base) + std::string(path);
  return std::string(base.substr(0, base.rfind('/') + 1)) + std::string(path);
}

}  // namespace

Outcome<ServerName> ReadWellKnownBody(std::string_view body) {
  std::string error;
  const auto document = JsonValue::Parse(body, error);
  if (!document) {
    return Failure{Reason::kWellknownInvalidJson, "the body is " + error};
  }
  if (document->AsObject() == nullptr) {
    return Failure{Reason::kWellknownNotObject, "the body is JSON, but not an object"};
  }
  const JsonValue* member = document->Find("m.server");
  if (member == nullptr) {
    return Failure{Reason::kWellknownMissingMServer, "the object has no member 'm.server'"};
  }
  if (member->AsString() == nullptr) {
    return Failure{Reason::kWellknownInvalidMServer, "'m.server' is not a string"};
  }
  auto name = ServerName::Parse(*member->AsString());
  if (name) return name;
  return Failure{Reason::kWellknownInvalidMServer,
                 "'m.server': " + ToPrintable(name.failure().detail, 300)};
}

std::optional<seconds> HeaderLifetime(const WebResponse& response, SystemTime now) {
  if (const auto lifetime = CacheControlLifetime(response.cache_control)) return lifetime;
  if (!response.has_expires) return std::nullopt;
  const auto expires = ParseHttpDate(response.expires);
  if (!expires) return seconds{0};
  return std::max(seconds{0}, *expires - std::chrono::floor<seconds>(now));
}

seconds CacheLifetime(bool usable, std::optional<seconds> header) {
  if (!usable) return std::chrono::hours{1};
  return std::clamp<seconds>(header.value_or(std::chrono::hours{24}), std::chrono::minutes{5},
                             std::chrono::hours{48});
}

std::string Url::ToString() const {
  const bool default_port = port == (https ? 443 : 80);
  return std::string(https ? "https://" : "http://") + host +
         (default_port ? "" : ":" + std::to_string(port)) + target;
}

namespace {

std::optional<Url> Resolve(const Url& base, std::string_view location) {
  location = Trim(location.substr(0, location.find('#')));
  if (location.size() > kUrlLengthMax || !IsPrintable(location) ||
      location.find(' ') != std::string_view::npos) {
    return std::nullopt;
  }
  Url url = base;
  const std::string lower = ToLower(location.substr(0, 8));
  if (lower.starts_with("https://") || lower.starts_with("http://")) {
    url.https = lower.starts_with("https://");
    location.remove_prefix(url.https ? 6 : 5);
  } else if (location.find(':') < location.find_first_of("/?")) {
    return std::nullopt;
  }
  if (!location.starts_with("//")) {
    url.target = Normalized(MergePath(base.target, location));
    return url;
  }
  location.remove_prefix(2);
  const std::size_t path = std::min(location.find_first_of("/?"), location.size());
  if (!ReadAuthority(location.substr(0, path), url)) return std::nullopt;
  location.remove_prefix(path);
  url.target = Normalized((location.starts_with('/') ? "" : "/") + std::string(location));
  return url;
}

}  // namespace

// A relative one grows with every redirect.
std::optional<Url> ResolveLocation(const Url& base, std::string_view location) {
  auto url = Resolve(base, location);
  if (url && url->target.size() > kUrlLengthMax) url.reset();
  return url;
}

}  // namespace matrix_federation
