// What the web server reads of a request beyond its framing: the first line is an Accept header,
// the second a query, the third an Authorization header.

#include <array>

#include "property.h"
#include "web/accept.h"
#include "web/password.h"
#include "web/query.h"

using fuzz::Require;

namespace {

constexpr std::array<std::string_view, 2> kOffered = {
    "text/plain; version=0.0.4; charset=utf-8",
    "application/openmetrics-text; version=1.0.0; charset=utf-8"};

void CheckAccept(std::string_view accept) {
  const auto best = web::BestMediaType(accept, kOffered);
  Require(!best || *best < kOffered.size(), "the best of the offers is an offer");
  const auto only = web::BestMediaType(accept, std::span(kOffered).first(1));
  Require(best || !only, "what is acceptable alone is acceptable among others");
}

void CheckQuery(std::string_view query) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto decoded = web::PercentDecode(query);
  if (decoded) {
    std::string encoded;
    for (const char c : *decoded) {
      const auto octet = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[octet / 16], kDigits[octet % 16]};
    }
    Require(decoded->size() <= query.size(), "decoding never lengthens");
    Require(web::PercentDecode(encoded) == decoded, "what was decoded can be encoded");
    Require(web::QueryValue("a=0&target=" + encoded + "&b", "target") == decoded,
            "a value comes out of a query as it went in");
  }
  const auto value = web::QueryValue(query, "a");
  Require(!value || value->size() < query.size(), "a value is shorter than its query");
}

void CheckAuthorization(std::string_view authorization) {
  const auto credentials = web::ParseBasic(authorization);
  if (!credentials) return;
  Require(credentials->user.find(':') == std::string::npos, "a user's name ends at the colon");
  Require(credentials->user.size() + credentials->password.size() < authorization.size(),
          "credentials are shorter than their header");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::SplitLines(fuzz::ToText(data, size), 3);
  CheckAccept(lines[0]);
  CheckQuery(lines[1]);
  CheckAuthorization(lines[2]);
  return 0;
}
