#pragma once

#include <exception>
#include <vector>

#include "net/asio.h"

namespace net {

/// Runs all tasks at once on the caller's executor (one thread) and waits for the last one; results
/// in the order of the tasks. The first exception is thrown after all have ended.
template <typename T>
boost::asio::awaitable<std::vector<T>> WhenAll(std::vector<boost::asio::awaitable<T>> tasks) {
  namespace asio = boost::asio;
  std::vector<T> results(tasks.size());
  if (tasks.size() == 1) {
    results.front() = co_await std::move(tasks.front());
    co_return results;
  }
  const auto executor = co_await asio::this_coro::executor;
  std::size_t unfinished = tasks.size();
  std::exception_ptr first_error;
  asio::steady_timer finished(executor, asio::steady_timer::time_point::max());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    asio::co_spawn(executor, std::move(tasks[i]), [&, i](std::exception_ptr error, T result) {
      if (error && !first_error) first_error = error;
      results[i] = std::move(result);
      if (--unfinished == 0) finished.cancel();
    });
  }
  while (unfinished != 0) {  // NOLINT(bugprone-infinite-loop): the tasks count it down
    co_await finished.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (first_error) std::rethrow_exception(first_error);
  co_return results;
}

}  // namespace net
