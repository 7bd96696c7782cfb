#include "exporter/report_facts.h"

namespace exporter {

using matrix_federation::EndpointObservation;
using matrix_federation::Observation;
using matrix_federation::Step;

std::string_view MethodOf(Step step) {
  switch (step) {
    case Step::k1: return "ip_literal";
    case Step::k2: return "explicit_port";
    case Step::k31:
    case Step::k32:
    case Step::k35: return "well_known";
    case Step::k33:
    case Step::k34: return "well_known_srv";
    case Step::k4:
    case Step::k5: return "srv";
    case Step::k6: break;
  }
  return "default_port";
}

AddressCount CountAddresses(const Observation& seen, int ip_version) {
  AddressCount count;
  for (const EndpointObservation& each : seen.endpoints) {
    if (each.address.ip.network_version() != ip_version) continue;
    ++count.all;
    if (EndpointWorks(each)) ++count.healthy;
  }
  return count;
}

const matrix_federation::ServerVersion* FirstVersion(const Observation& seen) {
  const auto* endpoint = FirstEndpoint(
      seen, [](const EndpointObservation& each) { return each.version && each.version->ok(); });
  return endpoint == nullptr ? nullptr : &*endpoint->version;
}

}  // namespace exporter
