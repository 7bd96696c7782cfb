// Values from outside in the exposition: the first eight octets are a number, the rest is a label
// value. Whatever they are, a sample is one line that reads back.

#include "exporter/exposition_text.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "matrix_federation/label.h"
#include "matrix_federation/limits.h"
#include "property.h"

using fuzz::Require;

namespace {

// Undoes the escapes of the text format; false when there is another one, or a bare quote.
bool Unescape(std::string_view text, std::string& value) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' || text[i] == '\n') return false;
    if (text[i] != '\\') {
      value.push_back(text[i]);
      continue;
    }
    if (++i == text.size()) return false;
    if (text[i] != '\\' && text[i] != '"' && text[i] != 'n') return false;
    value.push_back(text[i] == 'n' ? '\n' : text[i]);
  }
  return true;
}

void CheckNumber(double number) {
  std::string text;
  exporter::AppendNumber(number, text);
  if (!std::isfinite(number)) {
    Require(text == (std::isnan(number) ? "NaN"
                     : number > 0       ? "+Inf"
                                        : "-Inf"),
            "no finite number");
    return;
  }
  double again = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), again);
  Require(error == std::errc() && end == text.data() + text.size(), "a number is a number");
  Require(again == number, "a number reads back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  double number = 0;
  if (size < sizeof number) return 0;
  std::memcpy(&number, data, sizeof number);
  CheckNumber(number);
  const std::string_view outside = fuzz::ToText(data, size).substr(sizeof number);
  const std::string label = matrix_federation::ToLabel(outside);
  Require(fuzz::IsShowable(label, matrix_federation::kLabelLengthMax), "a label can be shown");
  for (const std::string_view value : {outside, std::string_view(label)}) {
    std::string escaped;
    std::string again;
    exporter::AppendEscaped(value, escaped);
    Require(Unescape(escaped, again) && again == value,
            "a label value is one word that reads back");
  }
  return 0;
}
