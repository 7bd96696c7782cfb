#include "checks/all_checks.h"
#include "checks/services.h"

namespace matrix_federation {
namespace {

// RFC 2782: the target has address records, is no alias; "." stands alone and means "not offered";
// nobody listens on port 0.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Warning::kSrvTargetIsCname),
    Word(Warning::kSrvTargetIsIp),
    Word(Warning::kSrvTargetNoAddress),
    Word(Warning::kSrvNullTarget),
    Word(Warning::kSrvInvalidPort),
});

void AddFindings(const HostObservation& host, std::vector<Finding>& findings) {
  const std::string target = "the SRV target " + host.host;
  if (host.is_literal) {
    findings.push_back({Warning::kSrvTargetIsIp, target + " is an address; name a host"});
  }
  if (host.is_alias) {
    findings.push_back(
        {Warning::kSrvTargetIsCname, target + " is an alias (CNAME); name the host it stands for"});
  }
  if (host.failure) {
    findings.push_back({Warning::kSrvTargetNoAddress, target + ": " + host.failure->detail});
  }
}

void AddFindings(const SrvRecord& record, const std::string& name, std::vector<Finding>& findings) {
  if (record.target == ".") {
    findings.push_back(
        {Warning::kSrvNullTarget, "a record of " + name + " has the target '.' beside real ones"});
  } else if (record.port == 0) {
    findings.push_back(
        {Warning::kSrvInvalidPort, "a record of " + name + " names port 0, for " + record.target});
  }
}

Verdict Judge(const Observation& seen) {
  const SrvObservation* found = FoundServices(seen);
  if (found == nullptr || seen.hosts.empty()) return Verdict::NotApplicable();
  std::vector<Finding> findings;
  for (const HostObservation& host : seen.hosts) AddFindings(host, findings);
  for (const SrvRecord& record : found->records) AddFindings(record, found->name, findings);
  if (findings.empty()) return Verdict::Pass();
  Verdict verdict = Verdict::Warn(findings.front());
  verdict.findings = std::move(findings);
  return verdict;
}

}  // namespace

const Check srv_targets_are_hosts{
    .name = "srv_targets_are_hosts",
    .severity = Severity::kWarning,
    .summary = "Every SRV target is a host name with an address of its own.",
    .citation = "RFC 2782; server-server API, Resolving server names step 4",
    .why = R"(Servers differ in what they make of an unusual target. Synapse tries one target
after another; Conduit and its descendants take the first of the answer only, in whatever order
the DNS delivers it. So one bad target makes them fail now and then.)",
    .fix = R"(Let every SRV record name a host that has A or AAAA records of its own: no alias,
no IP address, no `.` beside other records.

    _matrix-fed._tcp.example.org.  3600  IN  SRV   10 5 8448 matrix.example.org.
    matrix.example.org.            3600  IN  A     192.0.2.10
    matrix.example.org.            3600  IN  AAAA  2001:db8::10)",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
