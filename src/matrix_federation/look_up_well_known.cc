#include <algorithm>

#include "matrix_federation/limits.h"
#include "matrix_federation/resolve.h"
#include "matrix_federation/well_known.h"
#include "text.h"

namespace matrix_federation {
namespace {

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

CertificateName NameFor(const std::string& host) {
  const bool bracketed = host.starts_with('[');
  const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
  if (const auto address = IpAddress::Parse(bare)) {
    return {CertificateName::Type::kIp, address->ToString()};
  }
  return {CertificateName::Type::kDns, host};
}

std::string_view Missing(WebStage stage) {
  switch (stage) {
    case WebStage::kConnect: return "TCP connection";
    case WebStage::kTls: return "TLS handshake";
    case WebStage::kResponse:
    case WebStage::kDone: break;
  }
  return "complete response";
}

// What a response that did not arrive whole means for the lookup.
Failure TransferFailure(const WebResponse& response, const Url& url, const SocketAddress& address) {
  const std::string asked = "GET " + url.ToString() + " at " + address.ToString() + ": ";
  if (response.too_large) {
    return {Reason::kWellknownTooLarge, asked + "the response is larger than 50 KiB"};
  }
  if (response.timed_out) {
    return {Reason::kWellknownTimeout,
            asked + "no " + std::string(Missing(response.stage)) + " in time"};
  }
  switch (response.stage) {
    case WebStage::kConnect: return {Reason::kWellknownConnectFailed, asked + response.error};
    case WebStage::kTls: return {Reason::kWellknownTlsError, asked + response.error};
    case WebStage::kResponse:
    case WebStage::kDone: break;
  }
  return {Reason::kWellknownNoResponse,
          asked + (response.error.empty() ? "no complete response" : response.error)};
}

// One lookup, redirects included.
class Lookup {
 public:
  Lookup(World world, const ProbeOptions& options, const Deadlines& deadlines,
         std::optional<IpAddress> begin_at)
      : world_(std::move(world)),
        options_(options),
        deadlines_(deadlines),
        begin_at_(std::move(begin_at)) {}

  Awaitable<WellKnownObservation> Run(std::string host) {
    const SteadyTime start = world_.clock.Steady();
    Url url;
    url.host = std::move(host);
    url.target = "/.well-known/matrix/server";
    seen_.attempted = true;
    seen_.url = url.ToString();
    std::optional<Url> next = std::move(url);
    while (next) next = co_await Hop(*next);
    NoteAnswer();
    seen_.duration = world_.clock.Steady() - start;
    co_return std::move(seen_);
  }

 private:
  // The address that the first hop ended at stands for the whole lookup.
  void NoteAnswer() {
    if (first_hop_.empty()) first_hop_ = seen_.addresses;
    seen_.answers = std::move(first_hop_);
    if (seen_.answers.empty()) return;
    seen_.answers.back().failure = seen_.failure;
    if (seen_.delegated) seen_.answers.back().m_server = seen_.delegated->text();
  }

  // One hop; the URL of the next one, or nullopt when the lookup is over.
  Awaitable<std::optional<Url>> Hop(const Url& url) {
    seen_.final_url = url.ToString();
    visited_.push_back(seen_.final_url);
    const auto response = co_await Fetch(url);
    if (!response) co_return std::nullopt;
    seen_.status = response->status;
    seen_.cache_lifetime =
        CacheLifetime(response->status == 200, HeaderLifetime(*response, world_.clock.System()));
    if (IsRedirect(response->status)) co_return Follow(url, *response);
    if (response->status != 200) {
      co_return Fail(Reason::kWellknownHttpStatus, "GET " + url.ToString() +
                                                       " was answered with HTTP status " +
                                                       std::to_string(response->status));
    }
    seen_.served = true;
    auto delegated = ReadWellKnownBody(response->body);
    if (!delegated) {
      seen_.cache_lifetime = CacheLifetime(false, std::nullopt);
      co_return Fail(delegated.failure().reason,
                     url.ToString() + ": " + delegated.failure().detail);
    }
    seen_.addresses.back().m_server = delegated->text();
    seen_.delegated = *delegated;
    co_return std::nullopt;
  }

  // Asks the addresses of the URL's host one after another until one can be connected to, as
  // homeservers do. nullopt, with the failure noted, when no whole response came.
  Awaitable<std::optional<WebResponse>> Fetch(const Url& url) {
    seen_.addresses.clear();
    const auto addresses = co_await AddressesOf(url);
    auto left = std::count_if(addresses.begin(), addresses.end(), [&](const IpAddress& ip) {
      return !options_.deny.Contains(ip) && HasWayTo(ip);
    });
    for (const IpAddress& ip : addresses) {
      if (world_.clock.Steady() >= deadlines_.well_known) {
        FailForWantOfTime(url);
        break;
      }
      seen_.addresses.emplace_back().address = {ip, url.port};
      if (options_.deny.Contains(ip)) {
        Fail(Reason::kWellknownConnectFailed,
             SocketAddress{ip, url.port}.ToString() +
                 " is in a range that network.deny forbids to contact");
        continue;
      }
      // Those without a way come last, and their failure explains nothing beside another.
      if (!HasWayTo(ip) && seen_.failure) {
        seen_.addresses.pop_back();
        break;
      }
      WebResponse response = co_await Ask(url, ip, std::max<std::ptrdiff_t>(left--, 1));
      if (response.tls) {
        seen_.tls = AssessSession(*response.tls, NameFor(url.host), world_);
        WellKnownAddress& asked = seen_.addresses.back();
        asked.tls = seen_.tls;
        if (const Failure* bad = seen_.tls->failure()) {
          Fail(Reason::kWellknownTlsError,
               "GET " + url.ToString() + " at " + asked.address.ToString() + ": " + bad->detail);
          co_return std::nullopt;
        }
      }
      if (response.stage == WebStage::kDone) {
        seen_.failure.reset();
        co_return response;
      }
      if (response.too_large) seen_.served = true;
      Failure failure = TransferFailure(response, url, seen_.addresses.back().address);
      Fail(failure.reason, std::move(failure.detail));
      if (response.stage != WebStage::kConnect) break;
    }
    co_return std::nullopt;
  }

  // Asks one address, of `left` that there are, again after a fault that may be gone. A silent one
  // only where no other follows, and something depends on it.
  Awaitable<WebResponse> Ask(const Url& url, const IpAddress& ip, std::ptrdiff_t left) {
    for (;;) {
      WebResponse response =
          co_await world_.web.Get(RequestFor(url, ip), ConnectTimeout(left), deadlines_.well_known);
      if (response.stage != WebStage::kConnect) left = 1;
      const bool again = response.lost || (response.timed_out && left == 1 && !begin_at_);
      if (!again || !MayTryAgain(ip)) co_return response;
      ++seen_.attempts;
      ++seen_.addresses.back().attempts;
    }
  }

  // A further attempt has to have time for an answer, and this machine a way.
  [[nodiscard]] bool MayTryAgain(const IpAddress& ip) const {
    return seen_.attempts <= options_.retries &&
           world_.clock.Steady() + deadlines_.connect / 3 <= deadlines_.well_known && HasWayTo(ip);
  }

  // Whether this machine has a network of that IP version.
  [[nodiscard]] bool HasWayTo(const IpAddress& ip) const {
    return world_.federation.NetworkHas(ip.network_version());
  }

  Awaitable<std::vector<IpAddress>> AddressesOf(const Url& url) {
    if (begin_at_ && seen_.redirects == 0) co_return std::vector<IpAddress>{*begin_at_};
    const CertificateName name = NameFor(url.host);
    if (name.type == CertificateName::Type::kIp) {
      co_return std::vector<IpAddress>{*IpAddress::Parse(name.value)};
    }
    std::vector<std::string> hosts;
    hosts.push_back(url.host);
    auto found = co_await LookUpHosts(std::move(hosts), world_, options_, deadlines_.well_known);
    seen_.dns_attempts = std::max(seen_.dns_attempts, found.front().attempts);
    if (found.front().failure) {
      Fail(Reason::kWellknownDnsError, found.front().failure->detail);
    }
    std::vector<std::vector<IpAddress>> groups(2);  // IPv6, then IPv4
    for (const IpAddress& ip : found.front().addresses) {
      groups[ip.network_version() == 6 ? 0 : 1].push_back(ip);
    }
    ShareOut(kWellKnownAddressesMax, world_.federation, groups);
    std::vector<IpAddress> addresses = std::move(groups[0]);
    addresses.insert(addresses.end(), groups[1].begin(), groups[1].end());
    std::stable_partition(addresses.begin(), addresses.end(),
                          [&](const IpAddress& ip) { return HasWayTo(ip); });
    if (seen_.redirects == 0) seen_.host_addresses = addresses;
    co_return addresses;
  }

  static WebRequest RequestFor(const Url& url, const IpAddress& ip) {
    return {.https = url.https,
            .host = url.host,
            .port = url.port,
            .target = url.target,
            .address = {ip, url.port},
            .body_max = kWellKnownBodyMax};
  }

  // The addresses that are left share the time that is left, so that silent ones leave some to the
  // others.
  [[nodiscard]] Duration ConnectTimeout(std::ptrdiff_t addresses) const {
    const Duration share = (deadlines_.well_known - world_.clock.Steady()) / addresses;
    return std::clamp<Duration>(share, std::chrono::milliseconds{1}, deadlines_.connect);
  }

  // RFC 9110 section 15.4; the specification asks to avoid loops and names no limit.
  std::optional<Url> Follow(const Url& url, const WebResponse& response) {
    const std::string from = "GET " + url.ToString() + " redirects ";
    seen_.served = true;
    if (response.location.empty()) {
      return Fail(Reason::kWellknownRedirectNoLocation, from + "without a Location header");
    }
    const std::string quoted = "'" + ToPrintable(response.location, kQuotedLengthMax) + "'";
    auto next = ResolveLocation(url, response.location);
    if (!next) {
      return Fail(Reason::kWellknownRedirectNoLocation,
                  from + "to " + quoted + ", which is no web address to follow");
    }
    if (std::find(visited_.begin(), visited_.end(), next->ToString()) != visited_.end()) {
      return Fail(Reason::kWellknownRedirectLoop, from + "back to " + quoted);
    }
    if (seen_.redirects == kRedirectsMax) {
      return Fail(Reason::kWellknownTooManyRedirects,
                  seen_.url + " redirects more than " + std::to_string(kRedirectsMax) + " times");
    }
    if (seen_.redirects == 0) first_hop_ = seen_.addresses;
    ++seen_.redirects;
    seen_.left_https = seen_.left_https || !next->https;
    seen_.served = false;
    return next;
  }

  // An address that was not asked has not failed; what the last one did explains more.
  void FailForWantOfTime(const Url& url) {
    if (seen_.failure) return;
    Fail(Reason::kWellknownTimeout,
         "GET " + url.ToString() + ": the time was over before an address could be asked");
  }

  // The address asked last is where it failed.
  std::nullopt_t Fail(Reason reason, std::string detail) {
    seen_.failure = Failure{reason, std::move(detail)};
    if (!seen_.addresses.empty()) seen_.addresses.back().failure = seen_.failure;
    return std::nullopt;
  }

  World world_;
  const ProbeOptions& options_;
  const Deadlines& deadlines_;
  std::optional<IpAddress> begin_at_;
  WellKnownObservation seen_;
  std::vector<WellKnownAddress> first_hop_;  // those that were tried, set once a redirect leaves it
  std::vector<std::string> visited_;
};

}  // namespace

Awaitable<WellKnownObservation> LookUpWellKnown(std::string host, World world,
                                                const ProbeOptions& options,
                                                const Deadlines& deadlines,
                                                std::optional<IpAddress> begin_at) {
  Lookup lookup(std::move(world), options, deadlines, std::move(begin_at));
  co_return co_await lookup.Run(std::move(host));
}

TlsObservation AssessSession(const TlsSession& session, const CertificateName& name, World world) {
  TlsObservation tls{.version = session.version, .cipher = session.cipher};
  if (session.chain.empty()) return tls;
  tls.chain = world.certificates.Assess(session.chain, world.clock.System());
  tls.name = CertificateVerifier::MatchName(session.chain.front().get(), name);
  return tls;
}

}  // namespace matrix_federation
