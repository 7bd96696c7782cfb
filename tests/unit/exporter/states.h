#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "exporter/state_record.h"

namespace exporter {

/// A homeserver as the state file keeps it, nothing empty and every number another one.
StateRecord FullRecord(const std::string& server_name = "example.org");

/// Every member, of the history and of the rendered result.
void ExpectSame(const StateRecord& actual, const StateRecord& expected);

Details DetailsIn(const StateRecord& record);

/// The record as it stands in the file, with its length before it.
std::string Encoded(const StateRecord& record);

/// The families of the file as they are today.
WrittenFamilies TodaysFamilies();

/// A directory of its own, gone at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string File(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string ReadAll(const std::string& file);
void WriteAll(const std::string& file, std::string_view bytes);

}  // namespace exporter
