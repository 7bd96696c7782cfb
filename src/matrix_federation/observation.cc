#include "matrix_federation/observation.h"

#include <array>

namespace matrix_federation {

std::string_view Word(Step step) {
  constexpr std::array<std::string_view, 10> kWords = {"1",   "2",   "3.1", "3.2", "3.3",
                                                       "3.4", "3.5", "4",   "5",   "6"};
  return kWords.at(static_cast<std::size_t>(step));
}

std::string_view Word(DnsStatus status) {
  constexpr std::array<std::string_view, 7> kWords = {"found",   "nxdomain", "nodata",   "servfail",
                                                      "refused", "timeout",  "malformed"};
  return kWords.at(static_cast<std::size_t>(status));
}

const Failure* TlsObservation::failure() const {
  if (chain && chain->trust) return &*chain->trust;
  if (chain && chain->dates) return &*chain->dates;
  return name ? &*name : nullptr;
}

}  // namespace matrix_federation
