#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace web {

/// Text with its "%2F" replaced by what they stand for; none when a "%" is not followed by two
/// hexadecimal digits. The result can hold any octet, NUL included.
std::optional<std::string> PercentDecode(std::string_view text);

/// The value of the first parameter of this name in "target=example.org&format=json", decoded as
/// browsers encode forms ("+" is a space); "" for a name without "=". None when there is no such
/// parameter or its value is badly encoded: a handler that needs it answers 400 to both. Its length
/// is bounded by ServerOptions::header_max.
std::optional<std::string> QueryValue(std::string_view query, std::string_view name);

/// All parameters in their order, names and values decoded likewise; none when one of them is badly
/// encoded. For handlers that refuse what they do not know.
std::optional<std::vector<std::pair<std::string, std::string>>> QueryParameters(
    std::string_view query);

}  // namespace web
