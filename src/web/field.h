#pragma once

#include <string>

namespace web {

/// A header field, like {"Cache-Control", "no-store"}. The value is one line: who makes it of what
/// came from outside sees to that.
struct Field {
  std::string name;
  std::string value;
};

}  // namespace web
