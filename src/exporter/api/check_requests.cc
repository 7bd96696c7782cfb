#include "exporter/api/check_requests.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exporter/api/answers.h"
#include "web/origin.h"

namespace exporter {
namespace {

constexpr std::chrono::seconds kEachEvery{10};
constexpr web::RateLimit kAll{.interval = std::chrono::seconds(1), .burst = 10};

}  // namespace

bool CheckRequests::IsForbidden(const web::Request& request) const {
  return web::ComesFromElsewhere(request, own_origin_);
}

web::Response CheckRequests::Answer(const Row& row, Time now) {
  while (!recent_.empty() && now - recent_.front().at >= kEachEvery) recent_.pop_front();
  const std::string& name = row.server->server_name;
  const auto before = std::find_if(recent_.begin(), recent_.end(),
                                   [&](const Granted& each) { return each.server_name == name; });
  if (before != recent_.end()) {
    return RetryAfter(
        JsonError(
            429, "a check of " + name + " was asked for less than 10 seconds ago; ask again later"),
        before->at + kEachEvery - now);
  }
  if (!bucket_.Take(kAll, now)) {
    return RetryAfter(JsonError(429, "too many checks were asked for; one a second is allowed"),
                      kAll.interval);
  }
  recent_.push_back({name, now});
  probe_now_(row);
  return JsonAnswer(202, Dump({{"server_name", name},
                               {"message",
                                "it is checked as soon as there is room; last_check of its report "
                                "tells when it was"}}));
}

}  // namespace exporter
