#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "matrix_federation/reason.h"

namespace matrix_federation {

/// Why something did not work: one word of the closed list for machines, one English sentence for
/// the operator (what was asked of whom, what came back, what to change).
struct Failure {
  Reason reason;
  std::string detail;

  bool operator==(const Failure&) const = default;
};

/// A value, or the Failure that stands in its place. C++20 has no std::expected; this is the part
/// of it that the project uses. Reading the wrong alternative throws std::bad_variant_access: it
/// is a defect of this program, never of a homeserver.
template <typename T>
class Outcome {
 public:
  Outcome(T value) : state_(std::move(value)) {}            // NOLINT(google-explicit-constructor)
  Outcome(Failure failure) : state_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& { return std::get<T>(state_); }
  [[nodiscard]] T&& value() && { return std::get<T>(std::move(state_)); }
  [[nodiscard]] const Failure& failure() const { return std::get<Failure>(state_); }

  const T& operator*() const& { return value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Failure> state_;
};

/// The outcome of something that yields no value: empty when it worked.
using MaybeFailure = std::optional<Failure>;

}  // namespace matrix_federation
