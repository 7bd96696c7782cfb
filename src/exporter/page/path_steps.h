#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "exporter/page/html.h"
#include "exporter/page/stored_report.h"

namespace exporter::page {

/// A step of the way to a homeserver. Every check belongs to exactly one.
struct PathStep {
  std::string_view id;  // "well-known", in class names
  Markup title;
  std::span<const std::string_view> checks;
  void (*write)(Html& html, Node report);  // what was asked and what came back
};

/// In the order in which a homeserver takes them.
std::span<const PathStep> AllPathSteps();

/// How a step went, by its checks.
enum class Passage : std::uint8_t { kPassed, kWarned, kBroken, kNotTaken };

Passage PassageOf(const PathStep& step, Node report);

/// The checks of a step that failed.
std::vector<Node> FailedChecks(const PathStep& step, Node report);

}  // namespace exporter::page
