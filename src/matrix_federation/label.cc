#include "matrix_federation/label.h"

#include "matrix_federation/limits.h"
#include "text.h"

namespace matrix_federation {

std::string ToLabel(std::string_view value) { return ToPrintable(value, kLabelLengthMax); }

std::string ToSentence(std::string_view text) { return ToPrintable(text, kSentenceLengthMax); }

}  // namespace matrix_federation
