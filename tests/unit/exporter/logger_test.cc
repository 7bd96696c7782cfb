#include "exporter/logger.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

namespace exporter {
namespace {

// What one message looks like on standard error; its time becomes "T".
std::string Logged(LogFormat format, LogLevel level, std::string_view message,
                   const Logger::Fields& fields = {}, LogLevel lowest = LogLevel::kDebug) {
  testing::internal::CaptureStderr();
  Logger(lowest, format).Log(level, message, fields);
  const std::string line = testing::internal::GetCapturedStderr();
  const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
  return std::regex_replace(line, time, "T", std::regex_constants::format_first_only);
}

std::string Logfmt(std::string_view value) {
  return Logged(LogFormat::kLogfmt, LogLevel::kInfo, "m", {{"detail", std::string(value)}});
}
std::string Json(std::string_view value) {
  return Logged(LogFormat::kJson, LogLevel::kInfo, "m", {{"detail", std::string(value)}});
}

TEST(Logger, WritesOneLogfmtLine) {
  EXPECT_EQ(Logged(LogFormat::kLogfmt, LogLevel::kWarn, "federation does not work",
                   {{"server_name", "example.org"}, {"reason", "dns_nxdomain"}}),
            "ts=T level=warn msg=\"federation does not work\" server_name=example.org "
            "reason=dns_nxdomain\n");
}

TEST(Logger, WritesOneJsonLine) {
  EXPECT_EQ(Logged(LogFormat::kJson, LogLevel::kError, "stopped", {{"server_name", "example.org"}}),
            "{\"ts\":\"T\",\"level\":\"error\",\"msg\":\"stopped\","
            "\"server_name\":\"example.org\"}\n");
}

TEST(Logger, KeepsAHostileValueOnItsLine) {
  EXPECT_EQ(Logfmt("x\nts=1 level=error msg=forged"),
            "ts=T level=info msg=m detail=\"x\\nts=1 level=error msg=forged\"\n");
  EXPECT_EQ(Json("x\n{\"level\":\"error\"}"),
            "{\"ts\":\"T\",\"level\":\"info\",\"msg\":\"m\","
            "\"detail\":\"x\\n{\\\"level\\\":\\\"error\\\"}\"}\n");
}

TEST(Logger, KeepsAHostileValueInItsField) {
  EXPECT_EQ(Logfmt("a level=error"), "ts=T level=info msg=m detail=\"a level=error\"\n");
  EXPECT_EQ(Logfmt("\" level=error"), "ts=T level=info msg=m detail=\"\\\" level=error\"\n");
  EXPECT_EQ(Logfmt("\\"), "ts=T level=info msg=m detail=\"\\\\\"\n");
}

TEST(Logger, QuotesAnEmptyValue) { EXPECT_EQ(Logfmt(""), "ts=T level=info msg=m detail=\"\"\n"); }

TEST(Logger, EscapesTerminalSequences) {
  EXPECT_EQ(Logfmt("\x1b[2J\r"), "ts=T level=info msg=m detail=\"\\u001b[2J\\r\"\n");
}

TEST(Logger, ReplacesInvalidUtf8) {
  for (const std::string& line : {Logfmt("\xff\xfe"), Json("\xff\xfe")}) {
    EXPECT_NE(line.find(R"(\ufffd)"), std::string::npos) << line;
  }
}

TEST(Logger, WritesAsciiOnlySoThatNoTerminalObeysAHomeserver) {
  // U+009B is CSI to some terminals, DEL a control character to all.
  for (const std::string& line : {Logfmt("\xc2\x9b\x7f"), Json("\xc2\x9b\x7f")}) {
    EXPECT_NE(line.find(R"(\u009b\u007f)"), std::string::npos) << line;
  }
}

TEST(Logger, TakesBracesForText) {
  EXPECT_EQ(Logfmt("{}{0}%v{:99999}"), "ts=T level=info msg=m detail={}{0}%v{:99999}\n");
}

TEST(Logger, WritesNothingBelowItsLevel) {
  EXPECT_EQ(Logged(LogFormat::kLogfmt, LogLevel::kInfo, "m", {}, LogLevel::kWarn), "");
  EXPECT_NE(Logged(LogFormat::kLogfmt, LogLevel::kWarn, "m", {}, LogLevel::kWarn), "");
}

TEST(Logger, TellsItsObserverOfWhatItWrites) {
  std::vector<LogLevel> observed;
  Logger logger(LogLevel::kInfo, LogFormat::kLogfmt);
  logger.set_observer([&](LogLevel level) { observed.push_back(level); });
  testing::internal::CaptureStderr();
  logger.Log(LogLevel::kDebug, "not written");
  logger.Error("written");
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(observed, std::vector{LogLevel::kError});
}

}  // namespace
}  // namespace exporter
