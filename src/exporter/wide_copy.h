#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace exporter {

/// Room behind everything that WideCopy reads or writes.
inline constexpr std::size_t kWideStep = 32;

/// Copies a text, most likely a short one, and returns where its copy ends. Texts of up to a step
/// are copied without a call or a branch that nobody can foresee; for that up to a step more is
/// read and written than the text has.
inline char* WideCopy(std::string_view text, char* to) {
  std::size_t done = 0;
  do {
    std::memcpy(to + done, text.data() + done, kWideStep);
    done += kWideStep;
  } while (done < text.size());
  return to + text.size();
}

}  // namespace exporter
