#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace web {

/// Which of the offered media types a client with this Accept header likes best (RFC 9110 section
/// 12.5.1): the place in `offered`, where the earlier one wins a tie; none when it takes none of
/// them. No header, an empty one, or nothing but malformed elements accept all.
///
/// The most specific media range that matches an offer gives it its weight. A parameter that both
/// name has to be the same ("version=0.0.1" does not match an offer of "version=1.0.0"); one that
/// only the client names is a wish beyond what is offered, and passed over.
std::optional<std::size_t> BestMediaType(std::string_view accept,
                                         std::span<const std::string_view> offered);

}  // namespace web
