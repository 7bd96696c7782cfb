#pragma once

#include <string>

#include "exporter/page/html.h"

namespace exporter::page {

/// A whole page around its main part.
struct Document {
  std::string title;
  /// The way from the page to the first one: "" or "../". All links are relative, so that they
  /// hold below a prefix and behind a proxy that takes one off.
  std::string root;
  std::string metrics = "metrics";  // where they are served, from the first page
  Html main;
};

std::string Render(const Document& document);

}  // namespace exporter::page
