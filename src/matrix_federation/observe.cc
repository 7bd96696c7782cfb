#include "matrix_federation/observe.h"

#include <algorithm>
#include <exception>

#include "matrix_federation/resolve.h"

namespace matrix_federation {
namespace {

// A fault that may be gone a moment later; anything else is a verdict and stays one.
bool IsTransient(Reason reason) {
  return reason == Reason::kConnectTimeout || reason == Reason::kConnectReset ||
         reason == Reason::kConnectUnreachable || reason == Reason::kHttpTimeout ||
         reason == Reason::kHttpNoResponse;
}

// A body without a length that ends with the connection: the rest may have been lost.
bool MayHaveLostItsEnd(const HttpExchange& exchange, const std::optional<SigningKeys>& read) {
  return exchange.cut_off && read && read->served &&
         read->served->reason == Reason::kKeysInvalidJson;
}

bool DeservesAnotherAttempt(const KnockResult& knock, const EndpointObservation& seen) {
  if (MayHaveLostItsEnd(knock.keys, seen.keys)) return true;
  if (knock.connect) return IsTransient(knock.connect->reason);
  if (knock.handshake) return knock.handshake_lost;
  return knock.tls && knock.keys.failure && IsTransient(knock.keys.failure->reason);
}

bool RanOutOfTime(const KnockResult& knock) {
  if (knock.connect) return knock.connect->reason == Reason::kConnectTimeout;
  if (knock.handshake) return knock.handshake_timed_out;
  return knock.keys.failure && knock.keys.failure->reason == Reason::kHttpTimeout;
}

// "12.3"
std::string InSeconds(Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::duration<int, std::deci>>(duration);
  return std::to_string(tenths.count() / 10) + "." + std::to_string(tenths.count() % 10);
}

// The one that came straight from the homeserver, where only the other one is cached.
const HttpExchange& FresherAnswer(const KnockResult& knock) {
  return knock.version.date && knock.version.age < knock.keys.age ? knock.version : knock.keys;
}

// How far the Date header lies from the time between question and answer. It has whole seconds
// only, so it stands for any moment of that second, and for any of the time that an answer has lain
// in a cache (Age), since some caches date it anew; 0 when one of them fits.
std::optional<double> ClockOffset(const HttpExchange& exchange) {
  if (!exchange.date || !exchange.received) return std::nullopt;
  const auto seconds = [](SystemTime::duration difference) {
    return std::chrono::duration<double>(std::chrono::round<std::chrono::milliseconds>(difference))
        .count();
  };
  const auto asked =
      std::chrono::time_point_cast<SystemTime::duration>(*exchange.received - exchange.duration);
  if (*exchange.date > *exchange.received) return seconds(*exchange.date - *exchange.received);
  const SystemTime::duration late =
      asked - *exchange.date - (std::chrono::seconds(1) + exchange.age);
  return late > SystemTime::duration::zero() ? seconds(-late) : 0.0;
}

std::optional<int> StatusOf(const HttpExchange& exchange) {
  if (!exchange.asked || exchange.failure) return std::nullopt;
  return exchange.status;
}

EndpointObservation Assess(const KnockResult& knock, const SocketAddress& address,
                           const Destination& destination, const std::string& server_name,
                           const World& world) {
  EndpointObservation seen;
  seen.address = address;
  seen.connect = knock.connect;
  if (seen.connect && seen.connect->reason == Reason::kConnectUnreachable &&
      !world.federation.NetworkHas(address.ip.network_version())) {
    seen.connect->detail = "this machine has no IPv" +
                           std::to_string(address.ip.network_version()) + " network, so " +
                           address.ToString() + " could not be tried";
  }
  seen.handshake = knock.handshake;
  seen.connect_duration = knock.connect_duration;
  seen.tls_duration = knock.tls_duration;
  if (knock.tls) seen.tls = AssessSession(*knock.tls, destination.certificate_name, world);
  if (knock.keys.asked) {
    seen.keys = ReadSigningKeys(knock.keys, server_name, world.clock.System());
    if (!knock.keys.failure) seen.keys_status = knock.keys.status;
    seen.keys_duration = knock.keys.duration;
  }
  if (knock.version.asked) {
    seen.version = ReadServerVersion(knock.version);
    if (!knock.version.failure) seen.version_status = knock.version.status;
    seen.version_duration = knock.version.duration;
  }
  seen.paths = {StatusOf(knock.encoded_slash), StatusOf(knock.plain_path)};
  seen.clock_offset_seconds = ClockOffset(FresherAnswer(knock));
  seen.clock_age = FresherAnswer(knock).age;
  return seen;
}

// Knocks at all addresses, and once more where a transient fault stood in the way.
class Knocking {
 public:
  Knocking(World world, const ProbeOptions& options, const Deadlines& deadlines, Observation& seen)
      : world_(std::move(world)),
        options_(options),
        deadlines_(deadlines),
        seen_(seen),
        time_left_(deadlines.whole - world_.clock.Steady()) {}

  Awaitable<void> Run(std::vector<SocketAddress> addresses) {
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      EndpointObservation& endpoint = seen_.endpoints.emplace_back();
      endpoint.address = addresses[i];
      if (options_.deny.Contains(addresses[i].ip)) {
        endpoint.connect = Failure{
            Reason::kAddressDenied,
            addresses[i].ToString() + " is in a range that network.deny forbids to contact"};
      } else {
        due.push_back(i);
      }
    }
    for (int attempt = 1; attempt <= 1 + options_.retries && !due.empty(); ++attempt) {
      // A further attempt has to leave a slow one its time.
      if (attempt > 1 && world_.clock.Steady() + options_.timeout / 2 > deadlines_.whole) break;
      due = co_await Attempt(attempt, due);
    }
  }

 private:
  // Returns those that deserve another attempt.
  Awaitable<std::vector<std::size_t>> Attempt(int attempt, const std::vector<std::size_t>& due) {
    const Destination& destination = *seen_.destination;
    std::vector<Endpoint> endpoints;
    for (const std::size_t i : due) {
      endpoints.push_back({seen_.endpoints[i].address, destination.sni, destination.host_header});
    }
    const auto knocks = co_await world_.federation.Knock(std::move(endpoints), deadlines_.connect,
                                                         deadlines_.whole);
    std::vector<std::size_t> again;
    for (std::size_t k = 0; k < knocks.size(); ++k) {
      // Signatures without end take tens of milliseconds an address; others wait for this thread.
      if (k > 0) co_await world_.clock.Sleep(Duration::zero());
      EndpointObservation& endpoint = seen_.endpoints[due[k]];
      endpoint = Assess(knocks[k], endpoint.address, destination, seen_.queried_name, world_);
      const bool has_verdict = endpoint.tls && endpoint.tls->failure() != nullptr;
      if (!WasGivenTime(knocks[k]) && !has_verdict) endpoint = WithoutTime(endpoint.address);
      endpoint.attempts = attempt;
      if (DeservesAnotherAttempt(knocks[k], endpoint)) again.push_back(due[k]);
    }
    co_return again;
  }

  // An address that had less than a connection alone may take is not blamed for its silence.
  [[nodiscard]] bool WasGivenTime(const KnockResult& knock) const {
    return time_left_ >= deadlines_.connect || !RanOutOfTime(knock);
  }

  [[nodiscard]] EndpointObservation WithoutTime(const SocketAddress& address) const {
    EndpointObservation seen;
    seen.address = address;
    seen.connect =
        Failure{Reason::kProbeTimeout,
                "finding the address took " + InSeconds(options_.timeout - time_left_) +
                    " of the " + InSeconds(options_.timeout) +
                    " seconds of the probe (probe.timeout); what was left was not enough for " +
                    address.ToString()};
    return seen;
  }

  World world_;
  const ProbeOptions& options_;
  const Deadlines& deadlines_;
  Observation& seen_;
  Duration time_left_;  // when the addresses were known
};

Awaitable<void> ReachDestination(World world, const ProbeOptions& options,
                                 const Deadlines& deadlines, Observation& seen) {
  auto addresses = co_await Resolve(*seen.name, world, options, deadlines, seen);
  if (addresses.empty()) co_return;
  if (world.clock.Steady() >= deadlines.whole) {
    seen.discovery =
        Failure{Reason::kProbeTimeout,
                "finding the addresses of " + seen.destination->host +
                    " took up the whole time of the probe (probe.timeout); do its name "
                    "servers answer every query, for AAAA records too?"};
    co_return;
  }
  Knocking knocking(world, options, deadlines, seen);
  co_await knocking.Run(std::move(addresses));
}

// What has no part in reaching the homeserver comes last, in the time that is left.
Awaitable<void> Round(World world, const ProbeOptions& options, SteadyTime start,
                      Observation& seen) {
  const Deadlines deadlines = Deadlines::Of(start, options);
  co_await ReachDestination(world, options, deadlines, seen);
  co_await LookForLeftovers(world, options, deadlines, seen);
}

}  // namespace

Awaitable<Observation> Observe(std::string name, World world, const ProbeOptions& options,
                               KeyMemory known_keys) {
  Observation seen{
      .queried_name = name, .name = ServerName::Parse(name), .started_at = world.clock.System()};
  seen.expected = options.expected;
  seen.known_keys = std::move(known_keys);
  const SteadyTime start = world.clock.Steady();
  seen.network_has_ipv4 = options.use_ipv4 && world.federation.NetworkHas(4);
  seen.network_has_ipv6 = options.use_ipv6 && world.federation.NetworkHas(6);
  if (seen.name) {
    try {
      co_await Round(world, options, start, seen);
    } catch (const std::exception& error) {
      // What was not seen to its end would pass for seen.
      seen.endpoints.clear();
      seen.internal_error =
          Failure{Reason::kInternalError,
                  "a fault of this program, not of " + seen.queried_name + ": " + error.what()};
    }
  }
  seen.duration = world.clock.Steady() - start;
  co_return seen;
}

}  // namespace matrix_federation
