#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>

#include "exporter/board.h"
#include "web/server.h"
#include "web/token_bucket.h"

namespace exporter {

/// Answers POST /api/v1/servers/NAME/check: has a homeserver be probed now. It costs others
/// something, so a homeserver is asked for once in ten seconds, all together once a second after a
/// burst of ten, and never by a page of elsewhere in somebody's browser. The web thread's.
class CheckRequests {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `probe_now` is called for the row of a request that is granted. `own_origin`: see
  /// web::ComesFromElsewhere.
  CheckRequests(std::function<void(const Row& row)> probe_now, std::string own_origin)
      : probe_now_(std::move(probe_now)), own_origin_(std::move(own_origin)) {}

  /// Before anything is looked at: 403 for a request of elsewhere.
  [[nodiscard]] bool IsForbidden(const web::Request& request) const;

  web::Response Answer(const Row& row, Time now);

 private:
  struct Granted {
    std::string server_name;
    Time at;
  };

  std::function<void(const Row& row)> probe_now_;
  std::string own_origin_;
  web::TokenBucket bucket_;
  std::deque<Granted> recent_;  // the oldest first; bounded by the bucket
};

}  // namespace exporter
