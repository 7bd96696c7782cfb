#include <algorithm>

#include "matrix_federation/limits.h"
#include "matrix_federation/resolve.h"
#include "text.h"

namespace matrix_federation {
namespace {

// The addresses of the .well-known host that no homeserver with our luck would have asked.
Awaitable<void> AskRemainingAddresses(World world, const ProbeOptions& options,
                                      const Deadlines& deadlines, Observation& seen) {
  WellKnownObservation& lookup = seen.well_known;
  if (lookup.host_addresses.size() < 2) {
    lookup.answers.clear();
    co_return;
  }
  const Deadlines to_the_end{deadlines.whole, deadlines.whole, deadlines.connect};
  for (const IpAddress& ip : lookup.host_addresses) {
    const bool asked =
        std::any_of(lookup.answers.begin(), lookup.answers.end(),
                    [&](const WellKnownAddress& each) { return each.address.ip == ip; });
    if (asked) continue;
    auto answer = co_await LookUpWellKnown(seen.name->host(), world, options, to_the_end, ip);
    // Whoever was asked too late to answer has not failed.
    if (world.clock.Steady() >= deadlines.whole) co_return;
    lookup.answers.push_back(answer.answers.back());
  }
}

// Discovery asks for the same services itself.
bool LeadsToServicesOf(const std::string& host, const ServerName& delegated) {
  return !delegated.port() && ToLower(delegated.host()) == ToLower(host);
}

// As homeservers would ask for them if there were no file.
Awaitable<void> AskForServices(World world, const ProbeOptions& options, const Deadlines& deadlines,
                               Observation& seen) {
  const std::string& host = seen.name->host();
  const auto& delegated = seen.well_known.delegated;
  if (!delegated || LeadsToServicesOf(host, *delegated)) co_return;
  std::vector<DnsQuestion> questions;
  for (const bool deprecated : {false, true}) {
    SrvObservation& query = seen.leftover_services.emplace_back();
    query.name = (deprecated ? "_matrix._tcp." : "_matrix-fed._tcp.") + host;
    query.deprecated = deprecated;
    questions.push_back({query.name, DnsType::kSrv});
  }
  auto answers = co_await AskDns(std::move(questions), world, options, deadlines.whole);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    seen.leftover_services[i].status = answers[i].status;
    seen.leftover_services[i].attempts = answers[i].attempts;
    seen.leftover_services[i].records = std::move(answers[i].services);
  }
}

}  // namespace

Awaitable<void> LookForLeftovers(World world, const ProbeOptions& options,
                                 const Deadlines& deadlines, Observation& seen) {
  if (!seen.well_known.attempted) co_return;
  if (world.clock.Steady() >= deadlines.whole) co_return;
  co_await AskForServices(world, options, deadlines, seen);
  co_await AskRemainingAddresses(world, options, deadlines, seen);
}

}  // namespace matrix_federation
