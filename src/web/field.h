#pragma once

#include <string>

namespace web {

/// A header field, like {"Cache-Control", "no-store"}.
struct Field {
  std::string name;
  std::string value;
};

}  // namespace web
