#include "exporter/descriptor_limit.h"

#include <sys/resource.h>

#include <string>

namespace exporter {
namespace {

constexpr std::size_t kPerProbe = 2;   // all addresses at once, mostly one of IPv4 and one of IPv6
constexpr std::size_t kPerThread = 8;  // its event loop, DNS and web clients
constexpr std::size_t kOthers = 64;    // the main loop, the listeners and those who scrape

}  // namespace

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t DescriptorsFor(const ProbeSettings& probe) {
  return kPerProbe * static_cast<std::size_t>(probe.max_in_flight) +
         kPerThread * static_cast<std::size_t>(probe.threads) + kOthers;
}

void WarnOfTooFewDescriptors(const ProbeSettings& probe, Logger& logger) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const std::size_t needed = DescriptorsFor(probe);
  if (limit.rlim_cur >= needed) return;
  logger.Log(LogLevel::kWarn,
             "the limit of open files is too low for probe.max_in_flight; raise it (LimitNOFILE, "
             "ulimit -n) or lower probe.max_in_flight",
             {{"limit", std::to_string(limit.rlim_cur)},
              {"needed", std::to_string(needed)},
              {"max_in_flight", std::to_string(probe.max_in_flight)}});
}

}  // namespace exporter
