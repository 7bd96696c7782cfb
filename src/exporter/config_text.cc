#include "exporter/config_text.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace exporter {
namespace {

constexpr std::size_t kFileLengthMax = std::size_t{16} * 1024 * 1024;
constexpr std::size_t kChunk = std::size_t{64} * 1024;

// glob(3) gives its function nothing to write to.
thread_local std::string unreadable;

// A directory that is not there matches nothing; one that may not be read could hold anything.
int NoteUnreadable(const char* directory, int error) {
  if (error == ENOENT || error == ENOTDIR) return 0;
  unreadable = std::string(directory) + ": cannot be read: " + std::strerror(error);
  return 1;
}

// The text as glob(3) takes it literally.
std::string WithoutMeaning(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::optional<std::string> ReadConfigText(const std::string& path, std::string& mistake) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    mistake = path + ": cannot be read: " + std::strerror(errno);
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode)) {
    mistake = path + ": cannot be read: it is no file";
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    mistake = path + ": cannot be read: " + std::strerror(errno);
    return std::nullopt;
  }
  std::string text;
  const auto chunk = std::make_unique<std::array<char, kChunk>>();
  while (file && text.size() <= kFileLengthMax) {
    file.read(chunk->data(), static_cast<std::streamsize>(chunk->size()));
    text.append(chunk->data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) {
    mistake = path + ": cannot be read: " + std::strerror(errno);
    return std::nullopt;
  }
  if (text.size() > kFileLengthMax) {
    mistake = path + ": larger than 16 MiB; split it with homeserver_files";
    return std::nullopt;
  }
  return text;
}

std::string BesideFile(const std::string& file, const std::string& main_path) {
  const std::size_t slash = main_path.rfind('/');
  const bool relative = !file.starts_with('/') && slash != std::string::npos;
  return relative ? main_path.substr(0, slash + 1) + file : file;
}

std::vector<std::string> ExpandPattern(const std::string& pattern, const std::string& main_path,
                                       std::string& mistake) {
  const std::string path = BesideFile(pattern, main_path);
  if (pattern.find_first_of("*?[") == std::string::npos) return {path};  // missing when it is read
  unreadable.clear();
  glob_t found{};
  std::vector<std::string> paths;
  const std::string directory = path.substr(0, path.size() - pattern.size());
  const int result = glob((WithoutMeaning(directory) + pattern).c_str(), 0, NoteUnreadable, &found);
  if (result == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  } else if (result == GLOB_ABORTED) {
    mistake = unreadable;
  } else if (access(path.c_str(), F_OK) == 0) {
    paths.push_back(path);
  }
  globfree(&found);
  return paths;
}

}  // namespace exporter
