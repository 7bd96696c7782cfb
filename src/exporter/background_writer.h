#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>

namespace exporter {

/// Writes texts to a stream in their order, on a thread of its own: whoever reads slowly, as a
/// pager does, holds up nobody. What is not read yet is kept in memory. The functions are for one
/// thread, that of the owner, which leaves the stream alone meanwhile.
class BackgroundWriter {
 public:
  explicit BackgroundWriter(std::ostream& out);
  /// Waits as Finish() does.
  ~BackgroundWriter();
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  /// Never waits for the stream. False when an earlier text could not be written: nothing further
  /// is.
  bool Write(std::string text);
  /// Waits until all is written, or nothing further can be: false then. Nothing is written after
  /// it.
  bool Finish();

 private:
  void Run();

  std::ostream& out_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> texts_;
  bool finished_ = false;
  bool failed_ = false;
  std::thread thread_;
};

}  // namespace exporter
