// Responses of the version endpoint: the input is the body. What is taken from it can be shown.

#include "matrix_federation/server_version.h"

#include "matrix_federation/limits.h"
#include "property.h"

using fuzz::Require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  matrix_federation::HttpExchange response;
  response.asked = true;
  response.status = 200;
  response.content_type = "application/json";
  response.body = fuzz::ToText(data, size);
  const auto version = matrix_federation::ReadServerVersion(response);
  for (const auto& text : {version.name, version.version}) {
    Require(!text || fuzz::IsShowable(*text, matrix_federation::kServerNameLengthMax),
            "name and version can be shown");
  }
  Require(!version.ok() || version.version.has_value(), "without a fault there is a version");
  Require(!version.failure || fuzz::IsShowable(version.failure->detail, fuzz::kSentenceMax),
          "a failure is a sentence that can be shown");
  Require(version.warnings.size() <= 4, "warnings are bounded");
  for (const auto& warning : version.warnings) {
    Require(fuzz::IsShowable(warning.detail, fuzz::kSentenceMax),
            "a warning is a sentence that can be shown");
  }
  return 0;
}
