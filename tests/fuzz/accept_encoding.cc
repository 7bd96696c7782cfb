// Accept-Encoding headers: the input is the header. Later elements outweigh earlier ones, and
// neither case nor blanks beside commas matter.

#include "web/accept_encoding.h"

#include "property.h"

using fuzz::Require;
using web::AcceptsGzip;

namespace {

std::string Respelled(std::string_view header) {
  std::string text;
  for (const char c : header) {
    if (c == ',') {
      text += " ,\t";
    } else {
      text.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string header(fuzz::ToText(data, size));
  const bool accepts = AcceptsGzip(header);
  Require(AcceptsGzip(Respelled(header)) == accepts, "case and blanks do not matter");
  Require(AcceptsGzip(header + ",gzip;q=0.5,identity;q=0.1"), "gzip that is preferred is accepted");
  Require(!AcceptsGzip(header + ",gzip;q=0"), "gzip that is refused is not accepted");
  Require(!AcceptsGzip(header + ",gzip;q=0.5,identity"), "the plain body can be preferred");
  return 0;
}
