#pragma once

#include <optional>
#include <string_view>

#include "matrix_federation/reason.h"

namespace matrix_federation {

/// What an operator wants to know of a word, beyond the sentence beside it in reason.h.
///
/// The texts are Markdown that a terminal shows as well: paragraphs parted by an empty line, code
/// on lines that begin with four spaces, and what a computer reads in backticks. In the examples
/// the server name is example.org, its homeserver runs at matrix.example.org and listens on
/// 127.0.0.1:8008 behind a reverse proxy.
struct Explanation {
  std::string_view meaning;  // what was found
  std::string_view why;      // what breaks, and for whom
  std::string_view fix;      // what to do; the first paragraph stands alone as the short form
};

const Explanation& ExplanationOf(Reason reason);
const Explanation& ExplanationOf(Warning warning);

/// The enumerator of a word; nullopt when the list does not have it.
std::optional<Reason> ReasonOf(std::string_view word);
std::optional<Warning> WarningOf(std::string_view word);

/// What stands before the first empty line of a text.
std::string_view FirstParagraph(std::string_view text);

}  // namespace matrix_federation
