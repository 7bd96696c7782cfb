#include "matrix_federation/observation.h"

#include <algorithm>
#include <array>
#include <tuple>

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

std::vector<SrvRecord> EqualServices(const Observation& seen) {
  std::vector<SrvRecord> equal;
  for (const SrvObservation& query : seen.services) {
    for (const SrvRecord& record : query.records) {
      if (record.target == "." || record.port == 0) continue;
      if (!equal.empty() && record.priority > equal.front().priority) continue;
      if (!equal.empty() && record.priority < equal.front().priority) equal.clear();
      equal.push_back(record);
    }
  }
  std::sort(equal.begin(), equal.end(), [](const SrvRecord& a, const SrvRecord& b) {
    return std::tie(b.weight, a.target, a.port) < std::tie(a.weight, b.target, b.port);
  });
  return equal;
}

Destination LastingDestination(const Observation& seen) {
  Destination destination = seen.destination.value();
  if (const auto equal = EqualServices(seen); !equal.empty()) {
    destination.host = equal.front().target;
    destination.port = equal.front().port;
  }
  return destination;
}

const Failure* TlsObservation::failure() const {
  if (chain && chain->trust) return &*chain->trust;
  if (chain && chain->dates) return &*chain->dates;
  return name ? &*name : nullptr;
}

}  // namespace matrix_federation
