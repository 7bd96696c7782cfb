#pragma once

#include <chrono>

// How long the tests of this room wait for what must come: far longer than it takes.

namespace net {

inline constexpr std::chrono::seconds kPatience{20};

inline std::chrono::steady_clock::time_point Deadline() {
  return std::chrono::steady_clock::now() + kPatience;
}

}  // namespace net
