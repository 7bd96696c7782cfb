#include "exporter/web_config_watch.h"

#include "exporter/file_watch.h"
#include "exporter/web_config.h"

namespace exporter {
namespace {

// Why a new configuration may not follow the one in force; empty when it may.
std::string Loss(const web::Protection& now, const web::Protection& next) {
  if (now.tls && !next.tls) return "it has no TLS any more, which takes a restart";
  if (!now.users.empty() && next.users.empty()) {
    return "it has no users any more, which takes a restart";
  }
  return {};
}

}  // namespace

bool WebConfigWatch::Begin() {
  if (path_.empty()) return true;
  files_ = {path_};
  return Load();
}

std::shared_ptr<const web::Protection> WebConfigWatch::Current() {
  if (!path_.empty() && LookAtFiles(files_) != look_ && Load()) {
    logger_.Info("the web configuration was read anew", {{"file", path_}});
  }
  return current_;
}

bool WebConfigWatch::Load() {
  // Looked at before it is read: what changes meanwhile is seen the next time. Where it turns out
  // to consist of other files than before, those have to be looked at first as well.
  LoadedWebConfig loaded;
  for (int attempt = 0; attempt < 2; ++attempt) {
    look_ = LookAtFiles(files_);
    loaded = LoadWebConfig(path_);
    if (loaded.files == files_) break;
    files_ = loaded.files;
  }
  if (loaded.protection) {
    const std::string loss = Loss(*current_, *loaded.protection);
    if (!loss.empty()) loaded.mistakes.push_back(path_ + ": " + loss);
  }
  for (const std::string& mistake : loaded.mistakes) {
    logger_.Error("the web configuration is wrong", {{"mistake", mistake}});
  }
  if (!loaded.mistakes.empty()) return false;
  current_ = std::move(loaded.protection);
  return true;
}

}  // namespace exporter
