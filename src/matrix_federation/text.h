#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace matrix_federation {

/// Stands for what is no text: U+FFFD.
inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// The length of the well-formed UTF-8 character at the front (Unicode table 3-7), 0 when there is
/// none.
std::size_t CharacterLength(std::string_view text);

/// Text from outside made fit to be shown: valid UTF-8, no control characters (each fault becomes
/// U+FFFD), at most `length_max` bytes, cut between characters.
std::string ToPrintable(std::string_view text, std::size_t length_max);

/// Whether ToPrintable would replace anything.
bool IsPrintable(std::string_view text);

/// "2027-03-01T00:00:00Z".
std::string ToRfc3339(std::chrono::sys_seconds time);
/// "2027-03-01T00:00:00.123Z".
std::string ToRfc3339(std::chrono::sys_time<std::chrono::milliseconds> time);

/// How long `then` lies before `now`: "5 minutes ago", "26 hours ago", "3 days ago". Whole units,
/// each up to two of the next one; "1 minute ago" for less.
std::string Ago(std::chrono::sys_seconds then, std::chrono::system_clock::time_point now);

std::string Join(const std::vector<std::string>& parts, std::string_view separator);

/// ASCII lower case, whatever the locale.
std::string ToLower(std::string_view text);

/// Without spaces and tabs at either end.
std::string_view Trim(std::string_view text);

}  // namespace matrix_federation
