#include "exporter/page/assets.h"

#include <algorithm>

namespace exporter::page {

const Asset& FindAsset(std::string_view name) {
  return *std::find_if(AllAssets().begin(), AllAssets().end(),
                       [&](const Asset& asset) { return asset.name == name; });
}

}  // namespace exporter::page
