#pragma once

#include <chrono>
#include <string>

#include "matrix_federation/observation.h"
#include "matrix_federation/ports.h"

namespace matrix_federation {

/// What the operator decides about a probe. Plain data.
struct ProbeOptions {
  std::chrono::milliseconds timeout{30'000};  // the whole probe
  /// Further attempts at an address, of a .well-known lookup and of a DNS question within one
  /// probe, for transient faults only.
  int retries = 1;
  bool use_ipv4 = true;
  bool use_ipv6 = true;
  AddressRanges deny;  // never contacted, neither as literal nor resolved nor by a redirect
  Expectations expected;
};

/// Resolves, looks and listens: one whole round against the homeserver `name`, all addresses
/// included. Never throws for what a peer does, and ends within `options.timeout` plus what is
/// computed. `known_keys` is what earlier rounds remembered. `world` and `options` must outlive the
/// coroutine. Probe thread.
Awaitable<Observation> Observe(std::string name, World world, const ProbeOptions& options,
                               KeyMemory known_keys = {});

}  // namespace matrix_federation
