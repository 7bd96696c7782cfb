#pragma once

#include <string_view>

#include "exporter/page/html.h"

namespace exporter::page {

/// A text of explanation.h: paragraphs, code that stands apart, and code between backticks.
struct Prose {
  std::string_view text;
};
Html& operator<<(Html& html, const Prose& prose);

}  // namespace exporter::page
