#include "exporter/page/prose.h"

#include <algorithm>

#include "matrix_federation/explanation.h"

namespace exporter::page {
namespace {

constexpr std::string_view kCodeIndent = "    ";

void WriteParagraph(Html& html, std::string_view text) {
  html << "<p>";
  bool is_code = false;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('`'));
    if (is_code) html << "<code>";
    html << part;
    if (is_code) html << "</code>";
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    is_code = !is_code;
  }
  html << "</p>\n";
}

// Without the indentation of its lines. Reached by the keyboard, since it may have to be scrolled.
void WriteCode(Html& html, std::string_view text) {
  html << R"(<pre tabindex="0"><code>)";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    html << line.substr(std::min(kCodeIndent.size(), line.size())) << "\n";
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  html << "</code></pre>\n";
}

}  // namespace

Html& operator<<(Html& html, const Prose& prose) {
  std::string_view text = prose.text;
  while (!text.empty()) {
    const std::string_view paragraph = matrix_federation::FirstParagraph(text);
    text.remove_prefix(std::min(paragraph.size() + 2, text.size()));
    if (paragraph.starts_with(kCodeIndent)) {
      WriteCode(html, paragraph);
    } else if (!paragraph.empty()) {
      WriteParagraph(html, paragraph);
    }
  }
  return html;
}

}  // namespace exporter::page
