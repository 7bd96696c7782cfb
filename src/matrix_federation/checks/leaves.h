#pragma once

#include <string>
#include <vector>

#include "matrix_federation/observation.h"

namespace matrix_federation {

/// One leaf certificate and every address that presented it. Points into the observation.
struct ServedLeaf {
  const TlsObservation* tls = nullptr;  // as first seen; has a chain
  std::vector<SocketAddress> addresses;
};

/// Grouped by fingerprint, in the order in which the addresses stand. Addresses without a
/// certificate are left out.
std::vector<ServedLeaf> LeavesOf(const std::vector<EndpointObservation>& endpoints);
std::vector<ServedLeaf> LeavesOf(const std::vector<WellKnownAddress>& answers);

/// Of those that are trusted, in date and cover their name, the one that lasts longest; nullptr
/// when none is.
const ServedLeaf* BestOf(const std::vector<ServedLeaf>& leaves);

/// Which address serves which, for different leaves: what is wrong with the worse one and where,
/// where the better one is, and so what did not happen.
std::string DescribeDifference(const std::vector<ServedLeaf>& leaves, SystemTime now);

/// The same of one faulty leaf, served at `faulty.addresses`, beside a good one.
std::string Contrast(const ServedLeaf& faulty, const ServedLeaf& good, SystemTime now);

}  // namespace matrix_federation
