// Base64: the input is octets once and text once. Octets survive; text that decodes encodes to
// itself where it is canonical.

#include "matrix_federation/signing_keys.h"
#include "property.h"

using fuzz::Require;
using matrix_federation::DecodeBase64;
using matrix_federation::EncodeBase64;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::ToText(data, size);
  bool urlsafe = false;
  Require(DecodeBase64(EncodeBase64(input), &urlsafe) == input, "octets survive");
  Require(!urlsafe, "we write the standard alphabet");
  const auto octets = DecodeBase64(input);
  if (!octets) return 0;
  Require(octets->size() <= input.size() / 4 * 3 + 2, "four characters are three octets");
  Require(DecodeBase64(EncodeBase64(*octets)) == octets, "what was decoded survives");
  return 0;
}
