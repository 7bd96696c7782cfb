#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "net/asio.h"

namespace net {

/// Tells a C library when its descriptors are ready. The library owns and closes them; this class
/// only watches, and lets go before the library closes. Loop thread only.
class DescriptorWatch {
 public:
  /// `ready(descriptor, readable, writable)` is called from the loop.
  using Ready = std::function<void(int descriptor, bool readable, bool writable)>;

  DescriptorWatch(boost::asio::any_io_executor executor, Ready ready)
      : executor_(std::move(executor)), ready_(std::move(ready)) {}

  ~DescriptorWatch() { LetGoOfAll(); }
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;

  void LetGoOfAll() {
    for (auto& [descriptor, watched] : watched_) watched->LetGo();
    watched_.clear();
  }

  /// What to watch the descriptor for from now on; neither: stop watching it.
  void Set(int descriptor, bool read, bool write) {
    const auto found = watched_.find(descriptor);
    if (!read && !write) {
      if (found == watched_.end()) return;
      found->second->LetGo();
      watched_.erase(found);
      return;
    }
    std::shared_ptr<Watched> watched;
    if (found == watched_.end()) {
      watched = std::make_shared<Watched>(executor_, descriptor);
      watched_.emplace(descriptor, watched);
    } else {
      watched = found->second;
    }
    watched->read = read;
    watched->write = write;
    Arm(watched);
  }

 private:
  struct Watched {
    Watched(const boost::asio::any_io_executor& executor, int fd)
        : stream(executor, fd), descriptor(fd) {}
    void LetGo() {
      released = true;
      stream.release();
    }

    boost::asio::posix::stream_descriptor stream;
    int descriptor;
    bool read = false;
    bool write = false;
    bool waiting_to_read = false;
    bool waiting_to_write = false;
    bool released = false;
  };

  // An asio wait fires once, so each is armed again after its event.
  void Arm(const std::shared_ptr<Watched>& watched) {
    using Stream = boost::asio::posix::stream_descriptor;
    if (watched->read && !watched->waiting_to_read) {
      watched->waiting_to_read = true;
      watched->stream.async_wait(Stream::wait_read, [this, watched](auto error) {
        watched->waiting_to_read = false;
        if (!error && !watched->released) Fire(watched, true, false);
      });
    }
    if (watched->write && !watched->waiting_to_write) {
      watched->waiting_to_write = true;
      watched->stream.async_wait(Stream::wait_write, [this, watched](auto error) {
        watched->waiting_to_write = false;
        if (!error && !watched->released) Fire(watched, false, true);
      });
    }
  }

  void Fire(const std::shared_ptr<Watched>& watched, bool readable, bool writable) {
    const bool wanted = readable ? watched->read : watched->write;
    if (wanted) ready_(watched->descriptor, readable, writable);
    if (!watched->released) Arm(watched);
  }

  boost::asio::any_io_executor executor_;
  Ready ready_;
  std::unordered_map<int, std::shared_ptr<Watched>> watched_;
};

}  // namespace net
