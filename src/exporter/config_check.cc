#include "exporter/config_check.h"

#include <iostream>
#include <iterator>

#include "exporter/config_file.h"
#include "exporter/shard.h"
#include "exporter/web_config.h"
#include "web/address.h"

namespace exporter {
namespace {

void CheckAddresses(const std::vector<std::string>& addresses, const std::string& flag,
                    std::vector<std::string>& mistakes) {
  for (const std::string& address : addresses) {
    std::string error;
    if (!web::ParseAddress(address, error)) mistakes.push_back(flag + " " + address + ": " + error);
  }
}

void CheckFlags(const CommandLine& line, std::vector<std::string>& mistakes) {
  CheckAddresses(line.listen_addresses, "--web.listen-address", mistakes);
  CheckAddresses(line.health_listen_addresses, "--web.health-listen-address", mistakes);
  Shard shard;
  std::string error;
  if (!ResolveShard(line.shard, line.shards, HostName(), shard, error)) mistakes.push_back(error);
}

void Append(std::vector<std::string> further, std::vector<std::string>& mistakes) {
  std::move(further.begin(), further.end(), std::back_inserter(mistakes));
}

}  // namespace

ConfigCheck CheckConfiguration(const CommandLine& line) {
  ConfigCheck check{.file = line.config_file.empty() ? kDefaultConfigFile : line.config_file,
                    .mistakes = {},
                    .warnings = {}};
  CheckFlags(line, check.mistakes);
  LoadedConfiguration loaded = LoadConfiguration(check.file);
  Append(std::move(loaded.mistakes), check.mistakes);
  check.warnings = std::move(loaded.warnings);
  if (!line.web_config_file.empty()) {
    Append(LoadWebConfig(line.web_config_file).mistakes, check.mistakes);
  }
  if (loaded.settings) check.homeservers = loaded.settings->homeservers.size();
  return check;
}

int RunConfigCheck(const CommandLine& line) {
  const ConfigCheck check = CheckConfiguration(line);
  for (const std::string& mistake : check.mistakes) std::cerr << mistake << "\n";
  for (const std::string& warning : check.warnings) std::cerr << "warning: " << warning << "\n";
  if (!check.mistakes.empty()) return 1;
  std::cout << check.file << ": valid, " << check.homeservers << " homeserver"
            << (check.homeservers == 1 ? "" : "s") << "\n";
  return 0;
}

}  // namespace exporter
