#pragma once

#include <memory>
#include <string>

#include "fakes/certificates.h"
#include "fakes/clock.h"
#include "fakes/dns_client.h"
#include "fakes/federation_client.h"
#include "fakes/web_client.h"
#include "matrix_federation/observe.h"
#include "matrix_federation/report.h"

namespace matrix_federation::fakes {

/// A whole world to probe: empty at first, on a stopped clock, trusting TestCa() only.
struct FakeWorld {
  explicit FakeWorld(SystemTime now = kNow);
  // The clients hold on to the clock.
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  /// A homeserver at this address that works: trusted certificate for `certificate_name`, signed
  /// keys of `server_name`, Synapse's version.
  void AddHomeserver(const std::string& address, const std::string& server_name,
                     const std::string& certificate_name);
  /// A web server that serves this /.well-known/matrix/server body for `host`.
  void AddWellKnown(const std::string& address, const std::string& host, const std::string& body);

  /// One round against `name`.
  Observation Look(const std::string& name);
  /// The same, judged.
  Report Probe(const std::string& name);

  FakeClock clock;
  FakeDnsClient dns{clock};
  FakeWebClient web{clock};
  FakeFederationClient federation{clock};
  std::unique_ptr<CertificateVerifier> certificates;
  Dice dice = [](std::uint32_t bound) { return bound - 1; };
  ProbeOptions options;

  World world() { return {dns, web, federation, *certificates, clock, dice}; }
};

}  // namespace matrix_federation::fakes
