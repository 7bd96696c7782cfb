#pragma once

#include <string>
#include <string_view>

namespace exporter::page {

// What the closed lists' words are for people.

/// "certificate_is_in_date" as "certificate is in date".
std::string Spaced(std::string_view word);

/// With a capital letter first and a full stop last, unless it has an end of its own.
std::string Sentence(std::string_view text);

/// The sentence of a word's row in reason.h; empty for no such word.
std::string_view WarningSentence(std::string_view word);
std::string_view ReasonSentence(std::string_view word);

/// How discovery went: "well_known_srv" as ".well-known and SRV".
std::string MethodWords(std::string_view method);

/// "1 check", "2 checks".
std::string Counted(std::size_t count, std::string_view noun);

}  // namespace exporter::page
