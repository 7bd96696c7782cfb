#include <set>
#include "checks/all_checks.h"
#include "checks/services.h"
#include "text.h"

namespace matrix_federation {
namespace {

// Whoever cannot fetch the file just now follows the records instead.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kSrvContradictsWellknown),
});

std::string Key(const std::string& host, std::uint16_t port) {
  return ToLower(host) + ":" + std::to_string(port);
}

std::set<std::string> Targets(const std::vector<SrvRecord>& records) {
  std::set<std::string> targets;
  for (const SrvRecord& record : records) targets.insert(Key(record.target, record.port));
  return targets;
}

std::set<std::string> DestinationsOf(const Observation& seen) {
  if (const SrvObservation* found = FoundServices(seen)) return Targets(found->records);
  return {Key(seen.destination->host, seen.destination->port)};
}

Verdict Judge(const Observation& seen) {
  if (!seen.destination) return Verdict::NotApplicable();
  for (const SrvObservation& leftover : seen.leftover_services) {
    if (leftover.status != DnsStatus::kFound || leftover.records.empty()) continue;
    const auto destinations = DestinationsOf(seen);
    for (const std::string& target : Targets(leftover.records)) {
      if (destinations.contains(target)) continue;
      return Verdict::Warn({Warning::kSrvContradictsWellknown,
                            "the SRV record " + leftover.name + " leads to " + target +
                                ", the .well-known file to " + *destinations.begin() +
                                "; remove the record, or make both say the same"});
    }
    return Verdict::Pass();
  }
  return Verdict::NotApplicable();
}

}  // namespace

const Check srv_agrees_with_well_known{
    .name = "srv_agrees_with_well_known",
    .severity = Severity::kWarning,
    .summary = "SRV records beside a .well-known file do not contradict it.",
    .citation = "server-server API, Resolving server names steps 3 and 4",
    .why = R"(Servers follow the file while they can fetch it. The day the web server is down
they follow the records instead, and find nothing where the homeserver no longer is.)",
    .fix = R"(Delete SRV records that are left over from before, or let them lead to the same
place as the file.

    dig +short _matrix-fed._tcp.example.org SRV
    dig +short _matrix._tcp.example.org SRV

As a second way to the same homeserver (its certificate then has to cover `example.org` as
well):

    _matrix-fed._tcp.example.org.  3600  IN  SRV  10 5 443 matrix.example.org.)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
