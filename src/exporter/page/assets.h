#pragma once

#include <span>
#include <string_view>

namespace exporter::page {

/// A file of page/assets, part of the program.
struct Asset {
  std::string_view name;          // "page.css"
  std::string_view path;          // where it is served: "/-/assets/page-0123456789ab.css", by
                                  // its content, so that it may be kept for ever
  std::string_view content_type;  // "text/css; charset=utf-8"
  std::string_view content;
};

/// Defined in a file that embed.cmake writes at build time.
std::span<const Asset> AllAssets();

/// There must be one of that name.
const Asset& FindAsset(std::string_view name);

}  // namespace exporter::page
