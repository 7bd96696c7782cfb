#pragma once

#include <string>
#include <string_view>

namespace exporter {

// The Prometheus text format 0.0.4, its small parts.

/// Appends a label value, escaped: backslash, quote and line feed.
void AppendEscaped(std::string_view value, std::string& out);

/// Appends a number: integers without exponent, else the shortest text that reads back the same;
/// "NaN", "+Inf", "-Inf".
void AppendNumber(double value, std::string& out);

/// Appends the HELP and TYPE lines of a family.
void AppendHeader(std::string_view name, std::string_view help, std::string_view type,
                  std::string& out);

}  // namespace exporter
