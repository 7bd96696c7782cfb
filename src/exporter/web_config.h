#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "web/protection.h"

namespace exporter {

/// What a web configuration file says, in the format of Prometheus' exporter-toolkit; its own
/// checker is `promtool check web-config`.
struct WebConfig {
  std::optional<web::TlsSettings> tls;  // with the texts that stand in the file itself
  // Instead of those: files, by absolute paths or relative to the working directory.
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;
  web::Users users;
  std::vector<web::Field> fields;
  web::RateLimit rate_limit;
  std::string tls_place;                          // "file:line:column: tls_server_config"
  std::map<std::string, std::string> tls_places;  // of its keys' values, in the same form
};

struct ParsedWebConfig {
  std::optional<WebConfig> config;  // set exactly when there is no mistake
  std::vector<std::string> mistakes;
};

/// Strict, as the configuration is: every mistake reads `file:line:column: key: what is wrong, what
/// is allowed`. Reads no file; `path` is for messages, and files are relative to its directory.
ParsedWebConfig ParseWebConfig(const std::string& text, const std::string& path);

struct LoadedWebConfig {
  std::shared_ptr<const web::Protection> protection;  // set exactly when there is no mistake
  std::vector<std::string> mistakes;
  std::vector<std::string> files;  // all that it consists of, whether or not they could be read
};

/// Reads the file and those that it names.
LoadedWebConfig LoadWebConfig(const std::string& path);

}  // namespace exporter
