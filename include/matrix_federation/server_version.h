#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matrix_federation/outcome.h"
#include "matrix_federation/ports.h"
#include "matrix_federation/signing_keys.h"

namespace matrix_federation {

/// What `GET /_matrix/federation/v1/version` says (server-server API, "Server implementation").
/// Homeservers never ask each other for it: it has no part in whether federation works.
struct ServerVersion {
  MaybeFailure failure;
  std::optional<std::string> name;     // fit to be shown; any string, not a closed set
  std::optional<std::string> version;  // fit to be shown
  std::vector<Finding> warnings;

  [[nodiscard]] bool ok() const { return !failure; }
};

/// Pure.
ServerVersion ReadServerVersion(const HttpExchange& response);

/// A version string taken apart so that it can be compared: "1.157.0rc1", "0.15.2+08cac1c",
/// "0.5.0-rc.8 (1a2b3c4)", "0.9.578-9-g0624b6924".
struct SoftwareVersion {
  std::vector<std::uint64_t> release;     // 1, 157, 0
  std::optional<std::string> prerelease;  // "rc1", "rc.8", "alpha"
  std::uint64_t commits_after = 0;        // "-9" or "-9-gHASH": commits after that release
  std::optional<std::string> extra;       // build metadata, or what stands in parentheses

  /// nullopt when no digit stands at the start: then nothing can be said.
  static std::optional<SoftwareVersion> Parse(std::string_view text);
};

/// Older, equal or newer, within one implementation: numbers by value, missing fields zero, a
/// pre-release before its release, commits after it, build metadata without weight.
std::strong_ordering Compare(const SoftwareVersion& a, const SoftwareVersion& b);

/// Whether `version` of the implementation `name` is older than the latest known one. Names match
/// whatever their case. nullopt when the implementation is unknown or a version cannot be compared.
std::optional<bool> IsOutdated(std::string_view name, std::string_view version,
                               const std::map<std::string, std::string>& latest);

}  // namespace matrix_federation
