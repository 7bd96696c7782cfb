#pragma once

#include <optional>
#include <string_view>

// The pieces that values of header fields are made of (RFC 9110 section 5.6).

namespace web {

/// Without the spaces and tabs at both ends.
std::string_view TrimField(std::string_view text);

/// What stands before the separator, trimmed; `rest` keeps what follows it. Separators within
/// quoted strings do not count.
std::string_view TakeUntil(std::string_view& rest, char separator);

/// Whether two tokens are the same but for the case of ASCII letters.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

inline constexpr int kFullWeight = 1000;  // q=1, in thousandths

/// A weight (RFC 9110 section 12.4.2) like "0.25", in thousandths; none when malformed.
std::optional<int> ParseQvalue(std::string_view text);

}  // namespace web
