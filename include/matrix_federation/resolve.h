#pragma once

#include <optional>
#include <string>
#include <vector>

#include "matrix_federation/observation.h"
#include "matrix_federation/observe.h"

namespace matrix_federation {

/// The parts of the time that one probe has; all on the steady clock.
struct Deadlines {
  SteadyTime well_known;  // the lookup of the file, redirects included
  SteadyTime whole;       // everything
  Duration connect;       // one TCP connection
  static Deadlines Of(SteadyTime start, const ProbeOptions& options);
};

/// "Resolving server names" (server-server API v1.8 and later), steps 1 to 6. Fills well_known,
/// services, hosts, destination and discovery of `seen`, and returns the addresses to knock at, in
/// the order in which a homeserver tries them, bounded by kEndpointsMax.
Awaitable<std::vector<SocketAddress>> Resolve(const ServerName& name, World world,
                                              const ProbeOptions& options,
                                              const Deadlines& deadlines, Observation& seen);

/// SRV records in the order of RFC 2782: by priority, within one priority a weighted choice.
std::vector<SrvRecord> OrderServices(std::vector<SrvRecord> records, const Dice& dice);

/// Shortens groups of addresses, each of one IP version, to `places` altogether: they take turns,
/// so that none is lost behind a long one. What this machine has no route to takes only what is
/// left.
void ShareOut(std::size_t places, const FederationClient& network,
              std::vector<std::vector<IpAddress>>& groups);

/// Puts DNS questions, and once more those that were answered with SERVFAIL, options.retries times
/// at most.
Awaitable<std::vector<DnsAnswer>> AskDns(std::vector<DnsQuestion> questions, World world,
                                         const ProbeOptions& options, SteadyTime deadline);

/// The A and AAAA records of several hosts, asked for at once; one entry for each host.
Awaitable<std::vector<HostObservation>> LookUpHosts(std::vector<std::string> hosts, World world,
                                                    const ProbeOptions& options,
                                                    SteadyTime deadline);

/// Step 3: fetches `https://<host>/.well-known/matrix/server`, following redirects hop by hop, each
/// hop resolved, checked against the deny list and judged for its certificate. The first hop goes
/// to the address `begin_at`, or else to the first address of the host that can be connected to.
Awaitable<WellKnownObservation> LookUpWellKnown(std::string host, World world,
                                                const ProbeOptions& options,
                                                const Deadlines& deadlines,
                                                std::optional<IpAddress> begin_at = std::nullopt);

/// What homeservers that resolve this name do not look at, and their administrators should: the
/// remaining addresses of the .well-known host, and SRV records beside a .well-known file. Fills
/// well_known.answers and leftover_services of `seen`.
Awaitable<void> LookForLeftovers(World world, const ProbeOptions& options,
                                 const Deadlines& deadlines, Observation& seen);

/// A session as seen, judged: chain and name.
TlsObservation AssessSession(const TlsSession& session, const CertificateName& name, World world);

}  // namespace matrix_federation
