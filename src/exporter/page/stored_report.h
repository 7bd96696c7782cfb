#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/page/moment.h"

namespace exporter::page {

/// A value of a report's JSON, or none: what is missing is none all the way down. Valid as long as
/// the StoredReport.
class Node {
 public:
  Node() = default;
  explicit Node(const nlohmann::ordered_json* value) : value_(value) {}

  /// Neither missing nor null.
  [[nodiscard]] explicit operator bool() const;
  /// A member of an object.
  [[nodiscard]] Node operator[](std::string_view key) const;
  /// Of an array.
  [[nodiscard]] std::vector<Node> Items() const;
  /// Of an array of strings.
  [[nodiscard]] std::vector<std::string> Texts() const;
  /// "" for none.
  [[nodiscard]] std::string Text() const;
  [[nodiscard]] bool IsTrue() const;
  [[nodiscard]] std::optional<double> Number() const;
  /// Of an RFC 3339 text in UTC.
  [[nodiscard]] std::optional<SystemSeconds> Time() const;

 private:
  const nlohmann::ordered_json* value_ = nullptr;
};

/// A report as a snapshot keeps it, in the form of ToJson.
class StoredReport {
 public:
  /// Of an empty or broken text: a report in which everything is missing.
  explicit StoredReport(const std::string& json);
  ~StoredReport();
  StoredReport(const StoredReport&) = delete;
  StoredReport& operator=(const StoredReport&) = delete;

  [[nodiscard]] Node root() const { return Node(value_.get()); }

 private:
  std::unique_ptr<nlohmann::ordered_json> value_;
};

}  // namespace exporter::page
