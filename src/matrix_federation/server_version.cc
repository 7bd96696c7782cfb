#include "matrix_federation/server_version.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "matrix_federation/json_value.h"
#include "matrix_federation/limits.h"
#include "media_type.h"
#include "text.h"

namespace matrix_federation {
namespace {

// Pre-release words in rising order; a release ranks above them all.
constexpr std::array<std::string_view, 7> kPrereleases = {"dev",  "a",   "alpha", "b",
                                                          "beta", "pre", "rc"};
constexpr std::array<int, 7> kPrereleaseRanks = {0, 1, 1, 2, 2, 3, 4};
constexpr int kReleaseRank = 5;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes a number from the front.
std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Takes "rc1", "-rc.8" or "-alpha" from the front.
std::optional<std::string> TakePrerelease(std::string_view& text) {
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('.') || rest.starts_with('_')) {
    rest.remove_prefix(1);
  }
  const auto letters = static_cast<std::size_t>(
      std::find_if(rest.begin(), rest.end(), [](char c) { return c < 'A' || c > 'z'; }) -
      rest.begin());
  const std::string word = ToLower(rest.substr(0, letters));
  if (std::find(kPrereleases.begin(), kPrereleases.end(), word) == kPrereleases.end()) {
    return std::nullopt;
  }
  std::size_t length = letters;
  if (length < rest.size() && (rest[length] == '.' || rest[length] == '-') &&
      length + 1 < rest.size() && IsDigit(rest[length + 1])) {
    ++length;
  }
  while (length < rest.size() && IsDigit(rest[length])) ++length;
  std::string prerelease(rest.substr(0, length));
  rest.remove_prefix(length);
  text = rest;
  return prerelease;
}

// Rank and number of a pre-release: {4, 8} for "rc.8".
std::pair<int, std::uint64_t> RankOf(const SoftwareVersion& version) {
  if (!version.prerelease) return {kReleaseRank, 0};
  const std::string lower = ToLower(*version.prerelease);
  const std::size_t digits = std::min(lower.find_first_of("0123456789"), lower.size());
  const std::string word =
      lower.substr(0, std::min(lower.find_first_of(".-0123456789"), lower.size()));
  std::string_view number_text = std::string_view(lower).substr(digits);
  const std::uint64_t number = TakeNumber(number_text).value_or(0);
  const auto found = std::find(kPrereleases.begin(), kPrereleases.end(), word);
  return {kPrereleaseRanks.at(static_cast<std::size_t>(found - kPrereleases.begin())), number};
}

// A string member made fit to be shown; nullopt when it is absent or of another type.
std::optional<std::string> TakeString(const JsonValue& server, const char* member,
                                      ServerVersion& result) {
  const JsonValue* value = server.Find(member);
  if (value == nullptr) return std::nullopt;
  const std::string* text = value->AsString();
  if (text == nullptr) {
    if (!result.failure) {
      result.failure =
          Failure{Reason::kVersionInvalidField,
                  std::string("server.") + member + " of the version response is not a string"};
    }
    return std::nullopt;
  }
  if (!IsPrintable(*text)) {
    result.warnings.push_back(
        {Warning::kVersionUnsafeCharacters,
         std::string("server.") + member + " held control characters or invalid UTF-8"});
  }
  return ToPrintable(*text, kServerNameLengthMax);
}

}  // namespace

ServerVersion ReadServerVersion(const HttpExchange& response) {
  ServerVersion result;
  const auto fail = [&](Reason reason, std::string detail) {
    result.failure = Failure{reason, std::move(detail)};
    return result;
  };
  if (response.failure) return fail(response.failure->reason, response.failure->detail);
  if (response.status != 200) {
    return fail(Reason::kVersionHttpStatus,
                "GET /_matrix/federation/v1/version was answered with HTTP status " +
                    std::to_string(response.status));
  }
  std::string error;
  const auto document = JsonValue::Parse(response.body, error);
  if (!document) return fail(Reason::kVersionInvalidJson, "the version response is " + error);
  const JsonValue* server = document->Find("server");
  if (server == nullptr) {
    return fail(Reason::kVersionMissingServer, "the version response has no member 'server'");
  }
  if (server->AsObject() == nullptr) {
    return fail(Reason::kVersionInvalidField, "'server' of the version response is no object");
  }
  if (!IsJsonMediaType(response.content_type)) {
    result.warnings.push_back(
        {Warning::kVersionContentType, "the version response is not of type application/json"});
  }
  result.name = TakeString(*server, "name", result);
  result.version = TakeString(*server, "version", result);
  if (result.failure) return result;
  if (!result.version) {
    return fail(Reason::kVersionMissingVersion, "the version response has no server.version");
  }
  if (!SoftwareVersion::Parse(*result.version)) {
    result.warnings.push_back(
        {Warning::kVersionUnparseable, "the version '" + *result.version + "' cannot be compared"});
  }
  return result;
}

std::optional<SoftwareVersion> SoftwareVersion::Parse(std::string_view text) {
  text = Trim(text);
  if (text.starts_with('v')) text.remove_prefix(1);
  SoftwareVersion version;
  while (true) {
    const auto number = TakeNumber(text);
    if (!number) return std::nullopt;
    version.release.push_back(*number);
    if (text.size() < 2 || text[0] != '.' || !IsDigit(text[1])) break;
    text.remove_prefix(1);
  }
  version.prerelease = TakePrerelease(text);
  if (text.size() > 1 && text[0] == '-' && IsDigit(text[1])) {
    text.remove_prefix(1);
    version.extra = text.substr(0, text.find(' '));
    version.commits_after = TakeNumber(text).value_or(0);
    text.remove_prefix(std::min(text.find(' '), text.size()));
  }
  if (text.starts_with('+')) {
    version.extra = text.substr(1, std::min(text.find(' '), text.size()) - 1);
    text.remove_prefix(std::min(text.find(' '), text.size()));
  }
  text = Trim(text);
  if (text.starts_with('(') && text.ends_with(')')) {
    version.extra = text.substr(1, text.size() - 2);
  }
  return version;
}

std::strong_ordering Compare(const SoftwareVersion& a, const SoftwareVersion& b) {
  const std::size_t fields = std::max(a.release.size(), b.release.size());
  for (std::size_t i = 0; i < fields; ++i) {
    const std::uint64_t left = i < a.release.size() ? a.release[i] : 0;
    const std::uint64_t right = i < b.release.size() ? b.release[i] : 0;
    if (left != right) return left <=> right;
  }
  if (const auto order = RankOf(a) <=> RankOf(b); order != 0) return order;
  return a.commits_after <=> b.commits_after;
}

std::optional<bool> IsOutdated(std::string_view name, std::string_view version,
                               const std::map<std::string, std::string>& latest) {
  const auto known = std::find_if(latest.begin(), latest.end(), [&](const auto& entry) {
    return ToLower(entry.first) == ToLower(name);
  });
  if (known == latest.end()) return std::nullopt;
  const auto running = SoftwareVersion::Parse(version);
  const auto newest = SoftwareVersion::Parse(known->second);
  if (!running || !newest) return std::nullopt;
  return Compare(*running, *newest) < 0;
}

}  // namespace matrix_federation
