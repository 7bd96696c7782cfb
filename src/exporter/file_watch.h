#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace exporter {

/// What the files of a configuration look like from outside: a digest of which files there are, of
/// their identities, sizes and times, and whether they may be read, behind all symbolic links. It
/// changes when one is written, replaced, added, removed or made readable, also by the exchange of
/// a directory behind a link, which is how Kubernetes updates a mounted ConfigMap. Nothing is read.
/// Any thread; takes as long as looking at each file.
///
/// Looked at every few seconds rather than watched by inotify(7): that sees neither network file
/// systems nor what lies behind a link, and has limits of its own.
std::uint64_t LookAtFiles(const std::string& config_file,
                          const std::vector<std::string>& homeserver_files,
                          const std::string& ca_file);

/// The same for files that are all known.
std::uint64_t LookAtFiles(const std::vector<std::string>& files);

/// Tells when a configuration has changed and come to rest, from one look after another.
class FileWatch {
 public:
  /// What is in force, or was found to be broken, looked like this when it was read.
  void Loaded(std::uint64_t look) { known_ = last_ = look; }

  /// A further look: true when it differs from what was loaded and not from the look before, so
  /// that no file is read while it is written.
  bool Changed(std::uint64_t look) {
    const bool rests = look == last_;
    last_ = look;
    return rests && look != known_;
  }

 private:
  std::uint64_t known_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace exporter
