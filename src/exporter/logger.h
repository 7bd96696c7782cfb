#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spdlog {
class logger;  // NOLINT(readability-identifier-naming): the library's own name
}

namespace exporter {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : std::uint8_t { kLogfmt, kJson };

/// "debug", "info", "warn", "error"; the words of --log.level.
std::string_view Word(LogLevel level);

/// One line for each message on standard error: `ts=… level=info msg="…" server_name=…` or the same
/// members as JSON. Values from outside are escaped, so that no homeserver forges a line. Any
/// thread.
class Logger {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  using Observer = std::function<void(LogLevel)>;

  Logger(LogLevel lowest, LogFormat format);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  /// Called for every message that is written. Set before the second thread starts.
  void set_observer(Observer observer) { observer_ = std::move(observer); }

  void Log(LogLevel level, std::string_view message, const Fields& fields = {});
  void Info(std::string_view message, const Fields& fields = {}) {
    Log(LogLevel::kInfo, message, fields);
  }
  void Error(std::string_view message, const Fields& fields = {}) {
    Log(LogLevel::kError, message, fields);
  }

 private:
  LogLevel lowest_;
  LogFormat format_;
  Observer observer_;
  std::shared_ptr<spdlog::logger> sink_;
};

}  // namespace exporter
