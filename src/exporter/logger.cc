#include "exporter/logger.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

namespace exporter {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarn: return spdlog::level::warn;
    case LogLevel::kError: break;
  }
  return spdlog::level::err;
}

// ASCII only: some terminals obey control characters beyond it as well.
std::string Quote(const std::string& value) {
  return nlohmann::json(value).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string LogfmtValue(const std::string& value) {
  const bool plain =
      !value.empty() && value.find_first_of(" =\"\\\n\r\t") == std::string::npos &&
      std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return plain ? value : Quote(value);
}

std::string Timestamp() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", fields.tm_year + 1900,
                     fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min,
                     fields.tm_sec, now.time_since_epoch().count() % 1000);
}

}  // namespace

std::string_view Word(LogLevel level) {
  constexpr std::array<std::string_view, 4> kWords = {"debug", "info", "warn", "error"};
  return kWords.at(static_cast<std::size_t>(level));
}

Logger::Logger(LogLevel lowest, LogFormat format)
    : lowest_(lowest),
      format_(format),
      sink_(std::make_shared<spdlog::logger>(
          "",
          std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(spdlog::color_mode::never))) {
  sink_->set_pattern("%v");
  sink_->set_level(spdlog::level::debug);
  sink_->flush_on(spdlog::level::debug);
}

Logger::~Logger() = default;

void Logger::Log(LogLevel level, std::string_view message, const Fields& fields) {
  if (level < lowest_) return;
  if (observer_) observer_(level);
  std::string line;
  if (format_ == LogFormat::kLogfmt) {
    line = "ts=" + Timestamp() + " level=" + std::string(Word(level)) +
           " msg=" + LogfmtValue(std::string(message));
    for (const auto& [name, value] : fields) {
      line += " " + std::string(name) + "=" + LogfmtValue(value);
    }
  } else {
    line = R"({"ts":")" + Timestamp() + R"(","level":")" + std::string(Word(level)) +
           R"(","msg":)" + Quote(std::string(message));
    for (const auto& [name, value] : fields) {
      line += ",\"" + std::string(name) + "\":" + Quote(value);
    }
    line += "}";
  }
  sink_->log(ToSpdlog(level), line);
}

}  // namespace exporter
