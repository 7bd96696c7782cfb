#pragma once

#include <algorithm>
#include <chrono>

namespace web {

/// How often requests are answered: `burst` at once, and one more each interval after that.
struct RateLimit {
  std::chrono::nanoseconds interval{0};  // 0: as often as they come
  int burst = 0;

  bool operator==(const RateLimit&) const = default;
};

/// Counts requests against a rate limit.
class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether a request may be answered now. Another limit than before begins with a full bucket.
  bool Take(const RateLimit& limit, Time now) {
    if (limit.interval.count() <= 0) return true;
    if (limit != limit_) {
      limit_ = limit;
      empty_until_ = now - limit.interval * limit.burst;
    }
    // When the bucket last ran empty is known, and so how much has dripped into it since.
    empty_until_ = std::max(empty_until_, now - limit.interval * limit.burst);
    if (now - empty_until_ < limit.interval) return false;
    empty_until_ += limit.interval;
    return true;
  }

 private:
  RateLimit limit_;
  Time empty_until_;
};

}  // namespace web
