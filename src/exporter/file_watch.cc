#include "exporter/file_watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/config_text.h"
#include "exporter/name_hash.h"

namespace exporter {
namespace {

void Add(std::string& seen, const std::string& path) {
  seen += path + '\0';
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return;
  for (const auto number :
       {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
        static_cast<std::uint64_t>(status.st_size),
        static_cast<std::uint64_t>(status.st_mtim.tv_sec),
        static_cast<std::uint64_t>(status.st_mtim.tv_nsec)}) {
    seen += std::to_string(number) + ' ';
  }
  // Whoever hands a file over by chown or chmod changes neither its text nor its time.
  seen += faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0 ? 'r' : '-';
}

}  // namespace

std::uint64_t LookAtFiles(const std::string& config_file,
                          const std::vector<std::string>& homeserver_files,
                          const std::string& ca_file) {
  std::string seen;
  Add(seen, config_file);
  for (const std::string& pattern : homeserver_files) {
    std::string mistake;  // for those who read the files
    for (const std::string& path : ExpandPattern(pattern, config_file, mistake)) Add(seen, path);
  }
  if (!ca_file.empty()) Add(seen, ca_file);
  return NameHash(seen);
}

std::uint64_t LookAtFiles(const std::vector<std::string>& files) {
  std::string seen;
  for (const std::string& file : files) Add(seen, file);
  return NameHash(seen);
}

}  // namespace exporter
