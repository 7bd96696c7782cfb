#pragma once

#include <string>
#include <string_view>

#include "exporter/metric_rules.h"

namespace exporter {

// What the exposition formats are made of. Samples are the same bytes in all of them.

enum class Format : std::uint8_t {
  kText,         // Prometheus' text format 0.0.4
  kOpenMetrics,  // OpenMetrics 1.0
};

/// The media type of an exposition, for Content-Type.
std::string_view MediaType(Format format);

/// Appends a label value, escaped: backslash, quote and line feed.
void AppendEscaped(std::string_view value, std::string& out);

/// Appends a number: integers without exponent, else the shortest text that reads back the same;
/// "NaN", "+Inf", "-Inf".
void AppendNumber(double value, std::string& out);

/// Appends a bucket's bound, which OpenMetrics wants with a point or exponent: "1.0", "+Inf".
void AppendBound(double bound, std::string& out);

/// Appends the lines before the samples of a family; `help` is one that metric_rules allow.
void AppendHeader(std::string_view name, MetricType type, std::string_view help, Format format,
                  std::string& out);

/// Appends what an exposition ends with.
void AppendEnd(Format format, std::string& out);

}  // namespace exporter
