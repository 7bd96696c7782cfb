#pragma once

#include <algorithm>
#include <chrono>

#include "matrix_federation/ports.h"

namespace matrix_federation::fakes {

/// The moment at which the conformance vectors are judged: 2027-01-15T08:00:00Z.
inline constexpr SystemSeconds kNow{std::chrono::seconds{1'800'000'000}};

/// A clock that only moves when told to: by a test, by a fake that was made to wait, or by whoever
/// sleeps.
class FakeClock : public Clock {
 public:
  explicit FakeClock(SystemTime now = kNow) : system_(now) {}

  [[nodiscard]] SteadyTime Steady() const override { return steady_; }
  [[nodiscard]] SystemTime System() const override { return system_; }

  void Advance(Duration duration) { Pass(duration); }
  Awaitable<void> Sleep(Duration duration) const override {
    ++sleeps_;
    Pass(duration);
    co_return;
  }
  /// How often somebody slept, for however short.
  [[nodiscard]] int sleeps() const { return sleeps_; }
  /// Waits as long as it takes, but not beyond `deadline`.
  void Wait(Duration duration, SteadyTime deadline) {
    Advance(std::clamp<Duration>(deadline - steady_, Duration::zero(), duration));
  }

 private:
  void Pass(Duration duration) const {
    steady_ += duration;
    system_ += duration;
  }

  mutable SteadyTime steady_{std::chrono::hours{1}};
  mutable SystemTime system_;
  mutable int sleeps_ = 0;
};

}  // namespace matrix_federation::fakes
