#include "exporter/config_text.h"

#include <glob.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace exporter {
namespace {

constexpr std::size_t kFileLengthMax = std::size_t{16} * 1024 * 1024;
constexpr std::size_t kChunk = std::size_t{64} * 1024;

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

std::vector<std::string> ExpandPattern(const std::string& pattern, const std::string& main_path) {
  const std::string absolute = BesideFile(pattern, main_path);
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(absolute.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  } else if (absolute.find_first_of("*?[") == std::string::npos) {
    paths.push_back(absolute);  // reported as missing when it is read
  }
  globfree(&found);
  return paths;
}

}  // namespace exporter
