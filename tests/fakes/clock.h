#pragma once

#include <algorithm>
#include <chrono>

#include "matrix_federation/ports.h"

namespace matrix_federation::fakes {

/// The moment at which the conformance vectors are judged: 2027-01-15T08:00:00Z.
inline constexpr SystemSeconds kNow{std::chrono::seconds{1'800'000'000}};

/// A clock that only moves when told to: by a test, or by a fake that was made to wait.
class FakeClock : public Clock {
 public:
  explicit FakeClock(SystemTime now = kNow) : system_(now) {}

  [[nodiscard]] SteadyTime Steady() const override { return steady_; }
  [[nodiscard]] SystemTime System() const override { return system_; }

  void Advance(Duration duration) {
    steady_ += duration;
    system_ += duration;
  }
  /// Waits as long as it takes, but not beyond `deadline`.
  void Wait(Duration duration, SteadyTime deadline) {
    Advance(std::clamp<Duration>(deadline - steady_, Duration::zero(), duration));
  }

 private:
  SteadyTime steady_{std::chrono::hours{1}};
  SystemTime system_;
};

}  // namespace matrix_federation::fakes
