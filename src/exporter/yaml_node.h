#pragma once

#include <yaml-cpp/node/node.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exporter {

// What every reader of YAML files here needs; each mistake gets a place, counted from 1.

/// Text from a file as a message quotes it: in quotation marks, one line, shortened.
std::string Quote(const std::string& text);

/// What a node is, for a message: its quoted text, "a list", "a mapping" or "nothing".
std::string KindOf(const YAML::Node& node);

/// "a, b, c".
std::string JoinWords(const std::vector<std::string_view>& words);

/// "unknown key; did you mean 'labels'?", or which keys are allowed.
std::string UnknownKey(const std::string& key, const std::vector<std::string_view>& keys);

/// The one document of a text; none after `mistake` has been told what is wrong, and where.
std::optional<YAML::Node> ParseYaml(
    const std::string& text,
    const std::function<void(int line, int column, const std::string& what)>& mistake);

}  // namespace exporter
