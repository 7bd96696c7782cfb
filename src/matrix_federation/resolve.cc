#include "matrix_federation/resolve.h"

#include <algorithm>
#include <set>

#include "matrix_federation/limits.h"

namespace matrix_federation {
namespace {

constexpr std::uint16_t kDefaultPort = 8448;
// BIND answers from its memory of a failure for a second (servfail-ttl).
constexpr std::chrono::milliseconds kServfailPause{1100};

// Steps 1 and 3.1: the name is an address; it is also what the certificate has to cover.
Destination ToAddress(Step step, const ServerName& name) {
  return {.step = step,
          .host = name.host(),
          .port = name.port().value_or(kDefaultPort),
          .host_header = name.text(),
          .sni = std::nullopt,
          .certificate_name = {CertificateName::Type::kIp, name.address()->ToString()}};
}

// All other steps: the name stands in SNI, certificate and Host header (there with its port only if
// it was written), wherever the connection goes.
Destination ToHost(Step step, const ServerName& name, std::uint16_t port) {
  return {.step = step,
          .host = name.host(),
          .port = port,
          .host_header = name.text(),
          .sni = name.host(),
          .certificate_name = {CertificateName::Type::kDns, name.host()}};
}

constexpr const char* kRefused =
    "; does it serve the zone, and may this machine ask it (dns.servers)?";
constexpr const char* kSilent = "; do the zone's name servers answer, over TCP too?";
constexpr const char* kMalformed =
    "; ask with dig, and see what stands between (firewall, forwarder)";

Failure SrvFailure(const SrvObservation& query) {
  const std::string asked = "the SRV query for " + query.name;
  switch (query.status) {
    case DnsStatus::kServfail:
      return {Reason::kSrvLookupServfail,
              asked +
                  " was answered with SERVFAIL; Synapse then fails as well. Check the zone's "
                  "name servers and DNSSEC"};
    case DnsStatus::kRefused:
      return {Reason::kSrvLookupRefused, asked + " was refused by the DNS server" + kRefused};
    case DnsStatus::kTimeout:
      return {Reason::kSrvLookupTimeout, asked + " was not answered in time" + kSilent};
    case DnsStatus::kFound:
    case DnsStatus::kNxdomain:
    case DnsStatus::kNodata:
    case DnsStatus::kMalformed: break;
  }
  return {Reason::kSrvLookupMalformed,
          "the answer to " + asked + " could not be parsed" + kMalformed};
}

// Only of the record types that were asked for.
std::string WithoutRecords(const std::string& host, const ProbeOptions& options) {
  if (options.use_ipv4 && options.use_ipv6) return host + " has neither an A nor an AAAA record";
  return host + (options.use_ipv4 ? " has no A record; for AAAA" : " has no AAAA record; for A") +
         " records nobody asked (network.ip_versions)";
}

Failure HostFailure(const std::string& host, bool is_alias, DnsStatus status,
                    const ProbeOptions& options) {
  const std::string asked = "the address lookup of " + host;
  switch (status) {
    case DnsStatus::kNxdomain:
      return {Reason::kDnsNxdomain, host + (is_alias ? " is an alias (CNAME) of a name that" : "") +
                                        " does not exist in the DNS (NXDOMAIN)"};
    case DnsStatus::kServfail:
      return {Reason::kDnsServfail,
              asked + " was answered with SERVFAIL; check the zone's name servers and DNSSEC"};
    case DnsStatus::kRefused:
      return {Reason::kDnsRefused, asked + " was refused by the DNS server" + kRefused};
    case DnsStatus::kTimeout:
      return {Reason::kDnsTimeout, asked + " was not answered in time" + kSilent};
    case DnsStatus::kMalformed:
      return {Reason::kDnsMalformed,
              "the answer to " + asked + " could not be parsed" + kMalformed};
    case DnsStatus::kFound:
    case DnsStatus::kNodata: break;
  }
  return {Reason::kDnsNodata, WithoutRecords(host, options)};
}

// Of the answers for one host, what explains best that there is no address: a failing resolver
// before an absent name.
DnsStatus Worst(const std::vector<DnsStatus>& statuses) {
  for (const DnsStatus status : {DnsStatus::kServfail, DnsStatus::kRefused, DnsStatus::kTimeout,
                                 DnsStatus::kMalformed, DnsStatus::kNxdomain}) {
    if (std::find(statuses.begin(), statuses.end(), status) != statuses.end()) return status;
  }
  return DnsStatus::kNodata;
}

bool IsAbsent(DnsStatus status) {
  return status == DnsStatus::kNxdomain || status == DnsStatus::kNodata;
}

// Where this machine has no way to any address that is known, and others are unknown, what kept
// them unknown is what went wrong.
void LeaveOutUseless(HostObservation& host, const FederationClient& network) {
  const bool some_useful =
      std::any_of(host.addresses.begin(), host.addresses.end(),
                  [&](const IpAddress& ip) { return network.NetworkHas(ip.network_version()); });
  const bool some_missed =
      std::any_of(host.unknown_ip_versions.begin(), host.unknown_ip_versions.end(),
                  [&](int ip_version) { return network.NetworkHas(ip_version); });
  if (!some_useful && some_missed) host.addresses.clear();
}

// Resolution of one server name; each member function is one paragraph of the specification.
class Resolution {
 public:
  Resolution(World world, const ProbeOptions& options, const Deadlines& deadlines,
             Observation& seen)
      : world_(std::move(world)), options_(options), deadlines_(deadlines), seen_(seen) {}

  Awaitable<std::vector<SocketAddress>> Run(const ServerName& name) {
    // Step 1: an IP literal is the destination itself.
    if (name.kind() != HostKind::kDns) {
      seen_.destination = ToAddress(Step::k1, name);
      co_return Literal(*name.address());
    }
    // Step 2: an explicit port ends discovery.
    if (name.port()) co_return co_await ConnectToHost(ToHost(Step::k2, name, *name.port()));

    // Step 3: a valid .well-known file delegates, and closes the road back to steps 4 to 6.
    seen_.well_known = co_await LookUpWellKnown(name.host(), world_, options_, deadlines_);
    if (seen_.well_known.delegated) co_return co_await Delegated(*seen_.well_known.delegated);

    // Steps 4 to 6: the server name itself, by SRV or on port 8448.
    co_return co_await ByServiceOrDefaultPort(name, Step::k4, Step::k5, Step::k6);
  }

 private:
  // Steps 3.1 to 3.5. The delegated host is not asked for a .well-known file of its own.
  Awaitable<std::vector<SocketAddress>> Delegated(const ServerName& delegated) {
    if (delegated.kind() != HostKind::kDns) {
      seen_.destination = ToAddress(Step::k31, delegated);
      co_return Literal(*delegated.address());
    }
    if (delegated.port()) {
      co_return co_await ConnectToHost(ToHost(Step::k32, delegated, *delegated.port()));
    }
    co_return co_await ByServiceOrDefaultPort(delegated, Step::k33, Step::k34, Step::k35);
  }

  // `_matrix-fed._tcp`, then the deprecated `_matrix._tcp` only if the former was not found, then
  // port 8448 only if neither was. A record that was found ends the search even if it does not
  // work, and so does a failing query (as in Synapse, the strictest large implementation).
  Awaitable<std::vector<SocketAddress>> ByServiceOrDefaultPort(const ServerName& name, Step current,
                                                               Step deprecated, Step default_port) {
    for (const bool old : {false, true}) {
      const SrvObservation query = co_await AskForService(name.host(), old);
      seen_.services.push_back(query);
      if (IsAbsent(query.status)) continue;
      seen_.destination = ToHost(old ? deprecated : current, name, 0);
      if (query.status == DnsStatus::kFound) co_return co_await ConnectToTargets(query);
      seen_.discovery = SrvFailure(query);
      co_return std::vector<SocketAddress>{};
    }
    co_return co_await ConnectToHost(ToHost(default_port, name, kDefaultPort));
  }

  Awaitable<SrvObservation> AskForService(const std::string& host, bool deprecated) {
    SrvObservation query;
    query.name = (deprecated ? "_matrix._tcp." : "_matrix-fed._tcp.") + host;
    query.deprecated = deprecated;
    std::vector<DnsQuestion> questions;
    questions.push_back({query.name, DnsType::kSrv});
    const SteadyTime start = world_.clock.Steady();
    auto answers = co_await AskDns(std::move(questions), world_, options_, deadlines_.whole);
    NoteDnsDuration(start);
    query.status = answers.front().status;
    query.attempts = answers.front().attempts;
    query.records = OrderServices(std::move(answers.front().services), world_.dice);
    co_return query;
  }

  // RFC 2782: all targets in order; "." means that the service is not offered.
  Awaitable<std::vector<SocketAddress>> ConnectToTargets(const SrvObservation& query) {
    std::vector<SrvRecord> targets;
    bool has_host = false;
    for (const SrvRecord& record : query.records) {
      if (record.target == ".") continue;
      has_host = true;
      if (record.port != 0 && targets.size() < kSrvTargetsMax) targets.push_back(record);
    }
    if (targets.empty()) {
      seen_.discovery =
          has_host ? Failure{Reason::kSrvInvalidPort, "the SRV record " + query.name +
                                                          " names port 0; put the port there on "
                                                          "which the homeserver listens"}
                   : Failure{Reason::kSrvServiceDisabled,
                             "the SRV record " + query.name +
                                 " has the target '.', which says that this domain offers no "
                                 "federation; remove it or name the homeserver"};
      co_return std::vector<SocketAddress>{};
    }
    seen_.destination->host = targets.front().target;
    seen_.destination->port = targets.front().port;
    std::vector<std::string> hosts;
    for (const SrvRecord& target : targets) hosts.push_back(target.target);
    co_await LookUp(std::move(hosts));

    std::vector<std::uint16_t> ports;
    for (const SrvRecord& target : targets) ports.push_back(target.port);
    auto addresses = AddressesToTry(ports);
    if (addresses.empty()) NoteTargetsWithoutAddress(query);
    co_return addresses;
  }

  void NoteTargetsWithoutAddress(const SrvObservation& query) {
    for (const HostObservation& host : seen_.hosts) {
      const Reason reason = host.failure->reason;
      if (reason != Reason::kDnsNxdomain && reason != Reason::kDnsNodata) {
        seen_.discovery = host.failure;
        return;
      }
    }
    seen_.discovery = Failure{Reason::kSrvTargetNoAddress,
                              "no target of the SRV record " + query.name + " has an address (" +
                                  seen_.hosts.front().failure->detail + ")"};
  }

  Awaitable<std::vector<SocketAddress>> ConnectToHost(Destination destination) {
    seen_.destination = destination;
    std::vector<std::string> hosts;
    hosts.push_back(destination.host);
    co_await LookUp(std::move(hosts));
    std::vector<std::uint16_t> ports;
    ports.push_back(destination.port);
    auto addresses = AddressesToTry(ports);
    if (addresses.empty()) seen_.discovery = seen_.hosts.front().failure;
    co_return addresses;
  }

  Awaitable<void> LookUp(std::vector<std::string> hosts) {
    const SteadyTime start = world_.clock.Steady();
    seen_.hosts = co_await LookUpHosts(std::move(hosts), world_, options_, deadlines_.whole);
    NoteDnsDuration(start);
  }

  std::vector<SocketAddress> Literal(const IpAddress& address) {
    return {{address, seen_.destination->port}};
  }

  // Those of all hosts, each once; where there are more than kEndpointsMax, a share of each host's
  // IPv6 and IPv4 addresses.
  std::vector<SocketAddress> AddressesToTry(const std::vector<std::uint16_t>& ports) {
    std::vector<std::vector<IpAddress>> groups;  // of each host IPv6, then IPv4
    std::set<SocketAddress> known;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      for (const int version : {6, 4}) {
        auto& group = groups.emplace_back();
        for (const IpAddress& ip : seen_.hosts[i].addresses) {
          if (ip.network_version() == version && known.insert({ip, ports[i]}).second)
            group.push_back(ip);
        }
      }
    }
    const auto all = groups;
    ShareOut(kEndpointsMax, world_.federation, groups);
    std::vector<SocketAddress> addresses;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (const IpAddress& ip : groups[i]) addresses.push_back({ip, ports[i / 2]});
      if (groups[i].size() == all[i].size()) continue;
      (i % 2 == 0 ? seen_.truncated_ipv6 : seen_.truncated_ipv4) = true;
      seen_.endpoints_truncated += all[i].size() - groups[i].size();
    }
    return addresses;
  }

  void NoteDnsDuration(SteadyTime start) {
    seen_.dns_duration = std::max(seen_.dns_duration, world_.clock.Steady() - start);
  }

  World world_;
  const ProbeOptions& options_;
  const Deadlines& deadlines_;
  Observation& seen_;
};

}  // namespace

Deadlines Deadlines::Of(SteadyTime start, const ProbeOptions& options) {
  // A silent .well-known host must leave enough time to go on at step 4, and a silent address
  // enough to be told from a silent probe.
  return {.well_known = start + options.timeout / 2,
          .whole = start + options.timeout,
          .connect = std::min<Duration>(kConnectTimeoutMax, options.timeout / 3)};
}

Awaitable<std::vector<SocketAddress>> Resolve(const ServerName& name, World world,
                                              const ProbeOptions& options,
                                              const Deadlines& deadlines, Observation& seen) {
  Resolution resolution(std::move(world), options, deadlines, seen);
  co_return co_await resolution.Run(name);
}

std::vector<SrvRecord> OrderServices(std::vector<SrvRecord> records, const Dice& dice) {
  std::stable_sort(records.begin(), records.end(), [](const SrvRecord& a, const SrvRecord& b) {
    // Weight 0 first, so that the running sum below gives it its small chance.
    return std::pair(a.priority, a.weight != 0) < std::pair(b.priority, b.weight != 0);
  });
  for (auto next = records.begin(); next != records.end(); ++next) {
    const auto same_priority = std::find_if(
        next, records.end(), [&](const SrvRecord& r) { return r.priority != next->priority; });
    std::uint32_t total = 0;
    for (auto each = next; each != same_priority; ++each) total += each->weight;
    const std::uint32_t chosen = dice(total + 1);
    std::uint32_t sum = 0;
    auto pick = next;
    for (; pick != same_priority; ++pick) {
      sum += pick->weight;
      if (sum >= chosen) break;
    }
    std::rotate(next, pick, pick + 1);
  }
  return records;
}

void ShareOut(std::size_t places, const FederationClient& network,
              std::vector<std::vector<IpAddress>>& groups) {
  std::size_t all = 0;
  for (const auto& group : groups) all += group.size();
  if (all <= places) return;
  const bool has_ipv4 = network.NetworkHas(4);
  const bool has_ipv6 = network.NetworkHas(6);
  std::vector<std::size_t> shares(groups.size());
  for (const bool with_route : {true, false}) {
    for (bool some = true; some;) {
      some = false;
      for (std::size_t i = 0; i < groups.size(); ++i) {
        if (places == 0 || shares[i] == groups[i].size()) continue;
        if ((groups[i].front().network_version() == 4 ? has_ipv4 : has_ipv6) != with_route)
          continue;
        ++shares[i];
        --places;
        some = true;
      }
    }
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i].erase(groups[i].begin() + static_cast<std::ptrdiff_t>(shares[i]), groups[i].end());
  }
}

Awaitable<std::vector<DnsAnswer>> AskDns(std::vector<DnsQuestion> questions, World world,
                                         const ProbeOptions& options, SteadyTime deadline) {
  auto answers = co_await world.dns.Query(questions, deadline);
  for (int retry = 0; retry < options.retries; ++retry) {
    std::vector<std::size_t> failed;
    std::vector<DnsQuestion> again;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].status != DnsStatus::kServfail) continue;
      failed.push_back(i);
      again.push_back(questions[i]);
    }
    if (again.empty() || world.clock.Steady() + kServfailPause >= deadline) break;
    co_await world.clock.Sleep(kServfailPause);
    auto repeated = co_await world.dns.Query(std::move(again), deadline);
    for (std::size_t k = 0; k < failed.size(); ++k) {
      repeated[k].attempts += answers[failed[k]].attempts;
      answers[failed[k]] = std::move(repeated[k]);
    }
  }
  co_return answers;
}

Awaitable<std::vector<HostObservation>> LookUpHosts(std::vector<std::string> hosts, World world,
                                                    const ProbeOptions& options,
                                                    SteadyTime deadline) {
  std::vector<HostObservation> results;
  std::vector<DnsQuestion> questions;
  std::vector<std::size_t> asked;  // questions[i] is about results[asked[i]]
  std::vector<DnsType> types;      // and of this type
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    HostObservation& result = results.emplace_back();
    result.host = hosts[i];
    // An SRV target may be spelled as an address; it is no name to ask the DNS for.
    if (const auto literal = IpAddress::Parse(hosts[i])) {
      result.is_literal = true;
      result.addresses.push_back(*literal);
      continue;
    }
    for (const DnsType type : {DnsType::kAaaa, DnsType::kA}) {
      if (!(type == DnsType::kA ? options.use_ipv4 : options.use_ipv6)) continue;
      questions.push_back({hosts[i], type});
      asked.push_back(i);
      types.push_back(type);
    }
  }
  std::vector<DnsAnswer> answers;
  if (!questions.empty()) {
    answers = co_await AskDns(std::move(questions), world, options, deadline);
  }
  std::vector<std::vector<DnsStatus>> statuses(results.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    HostObservation& result = results[asked[i]];
    result.addresses.insert(result.addresses.end(), answers[i].addresses.begin(),
                            answers[i].addresses.end());
    result.is_alias = result.is_alias || answers[i].is_alias;
    result.attempts = std::max(result.attempts, answers[i].attempts);
    statuses[asked[i]].push_back(answers[i].status);
    if (answers[i].status != DnsStatus::kFound && !IsAbsent(answers[i].status)) {
      result.unknown_ip_versions.insert(types[i] == DnsType::kA ? 4 : 6);
    }
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    LeaveOutUseless(results[i], world.federation);
    if (results[i].addresses.empty()) {
      results[i].failure =
          HostFailure(results[i].host, results[i].is_alias, Worst(statuses[i]), options);
    }
  }
  co_return results;
}

}  // namespace matrix_federation
