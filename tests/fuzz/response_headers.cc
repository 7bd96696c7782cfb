// Headers of web responses. The input is six lines: Cache-Control, Expires, the Location
// headers of two redirects in a row, an HTTP date, and an Age. Lifetimes and ages stay within their
// bounds; a redirect leads to a URL that can be asked for and that resolves to itself.

#include <algorithm>

#include "matrix_federation/http_age.h"
#include "matrix_federation/http_date.h"
#include "matrix_federation/limits.h"
#include "matrix_federation/well_known.h"
#include "property.h"

using fuzz::Require;
using matrix_federation::Url;
using std::chrono::seconds;

namespace {

constexpr matrix_federation::SystemSeconds kNow{seconds{1'800'000'000}};

void CheckLifetime(std::string_view cache_control, std::string_view expires) {
  matrix_federation::WebResponse response;
  response.cache_control = cache_control;
  response.expires = expires;
  response.has_expires = !expires.empty();
  const auto header = matrix_federation::HeaderLifetime(response, kNow);
  Require(!header || *header >= seconds{0}, "no lifetime is negative");
  Require(header || !response.has_expires, "an unreadable Expires is in the past");
  const seconds usable = matrix_federation::CacheLifetime(true, header);
  Require(usable >= std::chrono::minutes{5} && usable <= std::chrono::hours{48},
          "an answer is cached for 5 minutes to 48 hours");
  Require(matrix_federation::CacheLifetime(false, header) == std::chrono::hours{1},
          "an error is cached for an hour");
}

void CheckLocation(std::string_view first, std::string_view second) {
  const Url start{.host = "example.org", .target = "/.well-known/matrix/server"};
  const auto base = matrix_federation::ResolveLocation(start, first);
  if (!base) return;
  const auto url = matrix_federation::ResolveLocation(*base, second);
  if (!url) return;
  Require(url->port != 0, "a port is 1 to 65535");
  Require(url->target.starts_with('/'), "a target begins with a slash");
  Require(fuzz::IsShowable(url->target, matrix_federation::kUrlLengthMax) &&
              url->target.find(' ') == std::string::npos,
          "a redirect brings no further word or line into a request");
  // Unlike a server name it may have underscores.
  std::string host = url->host;
  std::replace(host.begin(), host.end(), '_', '-');
  Require(matrix_federation::ServerName::Parse(host).ok(), "the host can be contacted");
  const std::string text = url->ToString();
  if (text.size() > matrix_federation::kUrlLengthMax) return;
  const auto again = matrix_federation::ResolveLocation(*base, text);
  Require(again.has_value(), "what was resolved can be followed");
  Require(again->ToString() == text, "an absolute URL resolves to itself");
}

void CheckDate(std::string_view text) {
  const auto date = matrix_federation::ParseHttpDate(text);
  if (!date) return;
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(*date));
  Require(day.year() >= std::chrono::year{1970} && day.year() <= std::chrono::year{2262},
          "a date is one that can be counted in nanoseconds");
}

void CheckAge(std::string_view text) {
  const auto age = matrix_federation::ParseAge(text);
  Require(!age || (*age >= seconds{0} && *age <= matrix_federation::kAgeMax),
          "an age is a time that has passed, of up to 68 years");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::SplitLines(fuzz::ToText(data, size), 6);
  CheckLifetime(lines[0], lines[1]);
  CheckLocation(lines[2], lines[3]);
  CheckDate(lines[4]);
  CheckAge(lines[5]);
  return 0;
}
