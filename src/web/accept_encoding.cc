#include "web/accept_encoding.h"

#include <optional>

#include "web/field_value.h"

namespace web {
namespace {

// The parameters of one element: none, or one weight.
int ParseWeight(std::string_view parameters) {
  if (parameters.empty()) return kFullWeight;
  const std::string_view name = parameters.substr(0, 2);
  return EqualsIgnoringCase(name, "q=") ? ParseQvalue(parameters.substr(2)).value_or(0) : 0;
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  std::optional<int> gzip;
  std::optional<int> any;
  int identity = 0;
  while (!accept_encoding.empty()) {
    std::string_view parameters = TakeUntil(accept_encoding, ',');
    const std::string_view coding = TakeUntil(parameters, ';');
    const int weight = ParseWeight(TrimField(parameters));
    if (EqualsIgnoringCase(coding, "gzip") || EqualsIgnoringCase(coding, "x-gzip")) {
      gzip = weight;
    } else if (EqualsIgnoringCase(coding, "identity")) {
      identity = weight;
    } else if (coding == "*") {
      any = weight;
    }
  }
  const int weight = gzip.value_or(any.value_or(0));
  return weight > 0 && weight >= identity;
}

}  // namespace web
