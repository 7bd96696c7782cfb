#include "exporter/page/document.h"

#include "exporter/page/assets.h"

namespace exporter::page {
namespace {

// The signs of the states, once a page, for all who refer to them.
constexpr Markup kSigns = R"(<svg class="signs" width="0" height="0" aria-hidden="true"><defs>
<symbol id="sign-failing" viewBox="0 0 20 20"><circle cx="10" cy="10" r="10"/><path d="M6.5 6.5l7 7m0-7l-7 7"/></symbol>
<symbol id="sign-warning" viewBox="0 0 20 20"><path class="shape" d="M10 1.2 19.4 18H.6z"/><path d="M10 7.2v5m0 2.6v.1"/></symbol>
<symbol id="sign-unknown" viewBox="0 0 20 20"><circle class="ring" cx="10" cy="10" r="8.6"/><path class="ink" d="M10 5.5V10l3 2"/></symbol>
<symbol id="sign-skipped" viewBox="0 0 20 20"><circle class="ring" cx="10" cy="10" r="8.6"/><path class="ink" d="M6.5 10h7"/></symbol>
<symbol id="sign-ok" viewBox="0 0 20 20"><circle class="ring" cx="10" cy="10" r="8.6"/><path class="ink" d="m6.2 10.4 2.6 2.6 5-5.6"/></symbol>
</defs></svg>
)";

std::string PathOf(const std::string& root, std::string_view asset) {
  return root + std::string(FindAsset(asset).path.substr(1));
}

}  // namespace

std::string Render(const Document& document) {
  Html html;
  html.Reserve(document.main.text().size() + 4096);
  html << "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       << R"(<meta name="viewport" content="width=device-width, initial-scale=1">)"
       << "\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>" << document.title
       << "</title>\n<link rel=\"icon\" type=\"image/svg+xml\" href=\""
       << PathOf(document.root, "icon.svg") << "\">\n<link rel=\"stylesheet\" href=\""
       << PathOf(document.root, "page.css") << "\">\n<script src=\""
       << PathOf(document.root, "page.js") << "\" defer></script>\n</head>\n<body>\n"
       << kSigns << "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
       << "<header class=\"top\"><a class=\"home\" href=\"" << document.root
       << "./\">Matrix federation</a>"
       << R"(<p id="notice" role="status"></p></header>)"
       << "\n<main id=\"main\" tabindex=\"-1\">\n"
       << document.main
       << "</main>\n<footer "
          "class=\"bottom\"><p>matrix-federation-exporter " MATRIX_FEDERATION_EXPORTER_VERSION
          "</p><nav aria-label=\"For machines\"><a href=\""
       << document.root << document.metrics << "\">Metrics</a> <a href=\"" << document.root
       << "-/healthy\">Health</a> <a href=\"" << document.root
       << "-/ready\">Readiness</a></nav></footer>\n</body>\n</html>\n";
  return html.Take();
}

}  // namespace exporter::page
