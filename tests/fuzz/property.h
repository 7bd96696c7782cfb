#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What every fuzz target needs. A target is a file `<name>.cc` that defines LLVMFuzzerTestOneInput
// and is listed in CMakeLists.txt; it calls the project's code with the bytes given and requires
// what has to hold whatever they are.

namespace fuzz {

/// Ends the program with the property that does not hold; libFuzzer then keeps the input.
void Require(bool holds, std::string_view property);

/// Whether text may go to a terminal, a log or a label: valid UTF-8 (by another reader than the
/// project's own) without control characters, at most `length_max` bytes.
bool IsShowable(std::string_view text, std::size_t length_max);

inline std::string_view ToText(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The first `count` - 1 lines, then all that follows them; short of lines, the last are empty.
std::vector<std::string_view> SplitLines(std::string_view text, std::size_t count);

/// The longest sentence about something from outside: what is quoted is cut.
inline constexpr std::size_t kSentenceMax = 1000;

}  // namespace fuzz
