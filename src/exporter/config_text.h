#pragma once

#include <optional>
#include <string>
#include <vector>

namespace exporter {

/// The bytes of a configuration file, at most 16 MiB; nullopt, with a sentence in `mistake`, when
/// it cannot be read.
std::optional<std::string> ReadConfigText(const std::string& path, std::string& mistake);

/// A file that the main file names, relative to the directory of that one.
std::string BesideFile(const std::string& file, const std::string& main_path);

/// The files that a pattern of homeserver_files names, relative to the directory of the main file.
/// A pattern without wildcards names its file whether or not that exists, and one with them a file
/// of exactly that name where it matches no other. None, with a sentence in `mistake`, when a
/// directory that the pattern leads to cannot be read.
std::vector<std::string> ExpandPattern(const std::string& pattern, const std::string& main_path,
                                       std::string& mistake);

}  // namespace exporter
