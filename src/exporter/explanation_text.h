#pragma once

#include <string>
#include <string_view>

#include "matrix_federation/explanation.h"

namespace exporter {

/// A text of explanation.h for a terminal: prose is broken at 100 columns, code stays as it is.
/// `label` stands before the first line, and all further ones are indented by as much. Ends with a
/// newline.
std::string LayOut(std::string_view label, std::string_view text);

/// What a word means, why others care and how to mend it, each with its label, two columns in.
std::string ToText(const matrix_federation::Explanation& explanation);

/// The texts of a check under the same labels.
std::string WhyAndFix(std::string_view why, std::string_view fix);

}  // namespace exporter
