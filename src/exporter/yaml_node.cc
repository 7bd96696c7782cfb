#include "exporter/yaml_node.h"

#include <openssl/asn1.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "exporter/nearest_word.h"
#include "exporter/yaml_documents.h"
#include "matrix_federation/label.h"

namespace exporter {
namespace {

// Where the first octet stands that is no UTF-8 or a NUL, at which the parser would take the text
// for ended or for something else; the length of the text when there is none.
std::size_t FindNoText(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != '\0') {
    unsigned long character = 0;
    const int length = UTF8_getc(reinterpret_cast<const unsigned char*>(text.data()) + at,
                                 static_cast<int>(text.size() - at), &character);
    if (length <= 0) break;
    at += static_cast<std::size_t>(length);
  }
  return at;
}

}  // namespace

std::string Quote(const std::string& text) {
  return "'" + matrix_federation::ToSentence(text.substr(0, 80)) + (text.size() > 80 ? "…'" : "'");
}

std::string KindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Null: return "nothing";
    case YAML::NodeType::Scalar: return Quote(node.Scalar());
    case YAML::NodeType::Sequence: return "a list";
    case YAML::NodeType::Map: return "a mapping";
    case YAML::NodeType::Undefined: break;
  }
  return "nothing";
}

std::string JoinWords(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    text += (text.empty() ? "" : ", ") + std::string(word);
  }
  return text;
}

std::string UnknownKey(const std::string& key, const std::vector<std::string_view>& keys) {
  const std::string nearest = NearestWord(key, keys);
  return "unknown key; " +
         (nearest.empty() ? "allowed: " + JoinWords(keys) : "did you mean '" + nearest + "'?");
}

std::optional<YAML::Node> ParseYaml(
    const std::string& text,
    const std::function<void(int line, int column, const std::string& what)>& mistake) {
  // One octet that is not UTF-8 in one label would make Prometheus refuse the whole scrape.
  if (const std::size_t bad = FindNoText(text); bad != text.size()) {
    const std::string_view before = std::string_view(text).substr(0, bad);
    const auto line = std::count(before.begin(), before.end(), '\n');
    const std::size_t column = bad - (before.rfind('\n') + 1);  // npos + 1 is 0
    mistake(
        static_cast<int>(line) + 1, static_cast<int>(column) + 1,
        text[bad] == '\0' ? "not YAML: a NUL character" : "not YAML: an octet that is not UTF-8");
    return std::nullopt;
  }
  try {
    if (const auto second = FindSecondDocument(text)) {
      mistake(second->line + 1, second->column + 1,
              "a second YAML document begins here; put everything into one");
      return std::nullopt;
    }
    return YAML::Load(text);
  } catch (const YAML::DeepRecursion& error) {
    mistake(error.mark.line + 1, error.mark.column + 1,
            "nested too deeply: lists and mappings within each other");
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    mistake(error.mark.line + 1, error.mark.column + 1, "not YAML: " + error.msg);
    return std::nullopt;
  }
}

}  // namespace exporter
