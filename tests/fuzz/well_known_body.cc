// Bodies of /.well-known/matrix/server: the input is the body. What is accepted is the valid server
// name that another JSON reader finds there, too.

#include "matrix_federation/well_known.h"
#include "property.h"
#include "wide_json.h"

using fuzz::Require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::ToText(data, size);
  const auto name = matrix_federation::ReadWellKnownBody(body);
  if (!name) {
    Require(matrix_federation::Word(name.failure().reason).starts_with("wellknown_"),
            "a refusal has a word of its own");
    Require(fuzz::IsShowable(name.failure().detail, fuzz::kSentenceMax),
            "a refusal is a sentence that can be shown");
    return 0;
  }
  const auto document = fuzz::WideJson::parse(body, nullptr, false);
  Require(document.is_object() && document.contains("m.server"), "the body is an object");
  Require(document["m.server"] == name->text(), "m.server is the name that was read");
  return 0;
}
