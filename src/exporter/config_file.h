#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/settings.h"

namespace exporter {

/// The files beside the main one, as that one names them: patterns, and the CAs to trust.
struct FurtherFiles {
  std::vector<std::string> homeserver_files;
  std::string ca_file;
};

/// What a configuration file turned out to be: settings, or every mistake in it. A mistake reads
/// `file:line:column: key: what is wrong, what is allowed`.
struct LoadedConfiguration {
  std::shared_ptr<Settings> settings;  // set exactly when there is no mistake
  std::vector<std::string> mistakes;
  /// What is allowed and has an effect that is hardly meant, in the same form; while there is no
  /// mistake.
  std::vector<std::string> warnings;
  std::uint64_t hash = 0;  // of the bytes read, over all files
  FurtherFiles files;      // with a mistake too, so that it is known what may mend it
  /// What LookAtFiles said of all of them before they were read; 0 where one was written meanwhile.
  std::uint64_t look = 0;
};

/// Reads the file and those that its homeserver_files name. Strict: an unknown key, a wrong type, a
/// value out of bounds, a repeated server name, a CA file without certificates are mistakes; all of
/// them are found, not only the first. At most 16 MiB a file and 200,000 homeservers. An empty list
/// of homeservers is a mistake unless `may_be_empty` (`check` takes its names from the command
/// line).
LoadedConfiguration LoadConfiguration(const std::string& path, bool may_be_empty = false);

/// The same for text that stands in memory, without a look at the files that it names; `name` is
/// used in messages.
LoadedConfiguration ParseConfiguration(const std::string& text, const std::string& name);

}  // namespace exporter
