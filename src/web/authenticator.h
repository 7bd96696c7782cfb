#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "web/beast.h"
#include "web/password.h"
#include "web/protection.h"

namespace web {

/// Tells whether clients are who they say. bcrypt takes its time, so it runs on a thread of its
/// own, one password after another; the caller's thread serves others meanwhile. Passwords that
/// matched are remembered as keyed digests, so a scrape waits once. Wrong ones are not: guessing
/// pushes nothing out of the memory.
///
/// All calls on one thread; the executors of the callers outlive the authenticator.
class Authenticator {
 public:
  enum class Verdict : std::uint8_t { kAccepted, kRefused, kBusy };

  Authenticator();
  ~Authenticator() { Stop(); }
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  /// `authorization` is the header's value. kBusy when too many passwords wait already.
  boost::asio::awaitable<Verdict> Check(std::shared_ptr<const Protection> protection,
                                        std::string authorization);

  /// Refuses those that wait, and waits for the password under way.
  void Stop();

 private:
  using Digest = std::array<unsigned char, 32>;

  [[nodiscard]] Digest DigestOf(const Credentials& credentials, const std::string& hash) const;
  static boost::asio::awaitable<bool> Compare(const std::atomic<bool>& stopped, std::string hash,
                                              std::string password);

  Digest key_;  // of this process only: digests in a core dump are worth nothing elsewhere
  std::set<Digest> accepted_;
  std::size_t waiting_ = 0;
  std::atomic<bool> stopped_ = false;
  boost::asio::thread_pool worker_{1};
};

}  // namespace web
