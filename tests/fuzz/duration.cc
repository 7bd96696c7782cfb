// Durations: the input is the text. What is accepted reads back from how we write it.

#include "exporter/duration.h"

#include "property.h"

using fuzz::Require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto duration = exporter::ParseDuration(std::string(fuzz::ToText(data, size)));
  if (!duration) return 0;
  Require(duration->count() >= 0, "no duration is negative");
  Require(exporter::ParseDuration(exporter::FormatDuration(*duration)) == duration,
          "a duration reads back");
  return 0;
}
