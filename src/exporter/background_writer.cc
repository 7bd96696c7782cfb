#include "exporter/background_writer.h"

#include <utility>

namespace exporter {

BackgroundWriter::BackgroundWriter(std::ostream& out) : out_(out), thread_([this] { Run(); }) {}

BackgroundWriter::~BackgroundWriter() { Finish(); }

bool BackgroundWriter::Write(std::string text) {
  const std::lock_guard lock(mutex_);
  if (failed_) return false;
  texts_.push_back(std::move(text));
  changed_.notify_one();
  return true;
}

bool BackgroundWriter::Finish() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  return !failed_;
}

void BackgroundWriter::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return finished_ || !texts_.empty(); });
    if (texts_.empty()) return;
    const std::string text = std::move(texts_.front());
    texts_.pop_front();
    lock.unlock();
    out_ << text << std::flush;
    lock.lock();
    if (out_.good()) continue;
    failed_ = true;
    return;
  }
}

}  // namespace exporter
