// JSON and its canonical form: the input is the text. We accept what nlohmann's own tree accepts,
// save what we refuse on purpose; the canonical form has the same meaning and is its own canonical
// form.

#include "matrix_federation/canonical_json.h"

#include "matrix_federation/limits.h"
#include "property.h"
#include "wide_json.h"

using fuzz::Require;
using fuzz::WideJson;
using matrix_federation::CanonicalJson;
using matrix_federation::JsonValue;

namespace {

std::size_t DepthOf(const WideJson& value) {
  if (!value.is_structured()) return 0;
  std::size_t deepest = 0;
  for (const auto& element : value) deepest = std::max(deepest, DepthOf(element));
  return deepest + 1;
}

// A member that is repeated loses its earlier value, so depth can only be told of what is accepted.
void CheckAcceptance(std::string_view text, const std::optional<JsonValue>& value,
                     const std::string& error) {
  const WideJson reference = WideJson::parse(text, nullptr, false);
  Require(!value || !reference.is_discarded(), "what we accept is JSON");
  if (value) {
    Require(DepthOf(reference) <= matrix_federation::kJsonDepthMax, "depth is bounded");
    return;
  }
  Require(fuzz::IsShowable(error, fuzz::kSentenceMax) && !error.empty(), "a refusal is a sentence");
  const bool on_purpose = text.starts_with("\xef\xbb\xbf") ||
                          text.find('\0') != std::string_view::npos ||
                          error.starts_with("nested deeper");
  Require(on_purpose || reference.is_discarded(), "what we refuse is no JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::ToText(data, size);
  std::string error;
  const auto value = JsonValue::Parse(text, error);
  CheckAcceptance(text, value, error);
  if (!value) return 0;
  const auto canonical = CanonicalJson(*value);
  if (!canonical) {
    Require(canonical.failure().reason == matrix_federation::Reason::kCanonicalJsonUnrepresentable,
            "a refusal is of a number");
    Require(fuzz::IsShowable(canonical.failure().detail, fuzz::kSentenceMax),
            "a refusal is a sentence that can be shown");
    return 0;
  }
  Require(WideJson::parse(text) == WideJson::parse(*canonical),
          "the canonical form means the same");
  const auto again = JsonValue::Parse(*canonical, error);
  Require(again.has_value(), "the canonical form is JSON");
  const auto twice = CanonicalJson(*again);
  Require(twice.ok() && *twice == *canonical, "the canonical form is its own canonical form");
  return 0;
}
