#pragma once

#include <optional>
#include <utility>

#include "matrix_federation/ports.h"

namespace matrix_federation::fakes {

/// Runs a coroutine to its end on an event loop of its own. Throws what the coroutine throws.
void RunToEnd(Awaitable<void> task);

template <typename T>
Awaitable<void> Keep(Awaitable<T> task, std::optional<T>& result) {
  result = co_await std::move(task);
}

/// As RunToEnd, and returns what the coroutine returns.
template <typename T>
T Run(Awaitable<T> task) {
  std::optional<T> result;
  RunToEnd(Keep(std::move(task), result));
  return *std::move(result);
}

}  // namespace matrix_federation::fakes
