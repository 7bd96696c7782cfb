#pragma once

#include <string_view>

namespace web {

/// Whether a body is to be sent as gzip to a client with this Accept-Encoding header (RFC 9110
/// section 12.5.3; several header lines are joined with commas beforehand). True when gzip, or
/// x-gzip, or else "*", has a weight above zero and `identity`, where listed, weighs no more. An
/// element with a malformed weight counts as forbidden: everybody understands the plain body.
bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace web
