#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/logger.h"
#include "web/protection.h"

namespace exporter {

/// The web configuration in force. It is looked at for every connection and every request, and read
/// when it or a file that it names has changed: a new certificate needs no restart and no signal.
///
/// What is broken changes nothing and is logged once. Nor does a running daemon drop its
/// protection: a file without TLS, or without users, where there were some is more probably a
/// mistake, or half written, than a wish; that takes a restart.
class WebConfigWatch {
 public:
  /// An empty path: nothing protects the server.
  WebConfigWatch(std::string path, Logger& logger) : path_(std::move(path)), logger_(logger) {}

  /// The first reading; false, with every mistake logged, when it is wrong.
  bool Begin();

  /// Never null after Begin. Takes as long as looking at the files, unless they have changed.
  std::shared_ptr<const web::Protection> Current();

 private:
  bool Load();

  std::string path_;
  Logger& logger_;
  std::vector<std::string> files_;
  std::uint64_t look_ = 0;
  std::shared_ptr<const web::Protection> current_ = std::make_shared<const web::Protection>();
};

}  // namespace exporter
