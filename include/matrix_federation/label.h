#pragma once

#include <string>
#include <string_view>

namespace matrix_federation {

/// A value from outside as a label value of an `_info` metric: valid UTF-8, no control characters,
/// at most kLabelLengthMax bytes. One bad byte, or one label over Prometheus' limit, would fail the
/// whole scrape.
std::string ToLabel(std::string_view value);

/// The same for a sentence that quotes something from outside, so that it stays one line on a
/// terminal: at most kSentenceLengthMax bytes.
std::string ToSentence(std::string_view text);

}  // namespace matrix_federation
