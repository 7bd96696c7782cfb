#include <algorithm>
#include <optional>

#include "exporter/page/prose.h"
#include "exporter/page/sections.h"
#include "exporter/page/words.h"
#include "matrix_federation/check.h"
#include "matrix_federation/explanation.h"

namespace exporter::page {
namespace {

using matrix_federation::Explanation;
using matrix_federation::ExplanationOf;

void WriteExplanation(Html& html, const Explanation& explanation) {
  html << R"(<div class="explanation"><h3>What it means</h3>)" << Prose{explanation.meaning}
       << "<h3>Why it matters</h3>" << Prose{explanation.why}
       << R"(</div><div class="fix"><h3>What to do</h3>)" << Prose{explanation.fix} << "</div>";
}

void WriteWarning(Html& html, Node warning) {
  const std::string code = warning["code"].Text();
  html << R"(<li class="warning"><p class="finding">)" << State::kWarning << " "
       << Sentence(warning["detail"].Text()) << " <code>" << code << "</code></p>";
  if (const auto known = matrix_federation::WarningOf(code)) {
    html << R"(<details id="warning-)" << code << R"("><summary>What to do</summary>)";
    WriteExplanation(html, ExplanationOf(*known));
    html << "</details>";
  }
  html << "</li>\n";
}

const matrix_federation::Check* Find(std::string_view name) {
  const auto checks = matrix_federation::AllChecks();
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const auto* check) { return check->name == name; });
  return found == checks.end() ? nullptr : *found;
}

struct Result {
  std::optional<State> state;  // none: nothing was judged
  Markup label;
};

Result ResultOf(Node check) {
  const std::string status = check["status"].Text();
  const bool is_error = check["severity"].Text() == "error";
  if (status == "pass") return {State::kOk, "passed"};
  if (status == "fail" && is_error) return {State::kFailing, "failed"};
  if (status == "fail") return {State::kWarning, "warning"};
  if (status == "not_applicable") return {std::nullopt, "does not apply"};
  return {std::nullopt, "not reached"};
}

// What failed comes with its repair; of the others the citation says enough.
void WriteRepair(Html& html, Node check, const matrix_federation::Check& known) {
  html << R"(<p class="finding">)" << Sentence(check["detail"].Text()) << " <code>"
       << check["reason"].Text() << R"(</code></p><details id="check-)" << known.name
       << R"("><summary>What to do</summary><div class="explanation"><h3>Why it matters</h3>)"
       << Prose{known.why} << R"(</div><div class="fix"><h3>What to do</h3>)" << Prose{known.fix}
       << "</div></details>";
}

void WriteCheck(Html& html, Node check) {
  const std::string name = check["name"].Text();
  const auto [state, label] = ResultOf(check);
  const auto* known = Find(name);
  html << R"(<li class="check"><p class="result">)";
  state ? html << *state : html << kSkippedSign;
  html << " <strong>" << label << "</strong> <code>" << name << R"(</code></p><p class="quiet">)"
       << (known == nullptr ? std::string() : Sentence(known->summary)) << R"( <cite>)"
       << check["spec"].Text() << "</cite></p>";
  if (known != nullptr && check["status"].Text() == "fail") WriteRepair(html, check, *known);
  html << "</li>\n";
}

void WriteChecks(Html& html, const std::vector<Node>& checks) {
  html << R"(<ul class="checks">)"
       << "\n";
  for (const Node& check : checks) WriteCheck(html, check);
  html << "</ul>\n";
}

}  // namespace

void WriteCauseSection(Html& html, Node report) {
  const auto reason = matrix_federation::ReasonOf(report["reason"].Text());
  if (!reason) return;
  html
      << R"(<section class="cause-section" aria-labelledby="cause"><h2 id="cause">What to do about <code>)"
      << report["reason"].Text() << "</code></h2>";
  WriteExplanation(html, ExplanationOf(*reason));
  html << R"(<p class="quiet example">In the examples the server name is example.org, and its )"
       << "homeserver runs at matrix.example.org.</p></section>\n";
}

void WriteWarningsSection(Html& html, Node report) {
  const auto warnings = report["warnings"].Items();
  if (warnings.empty()) return;
  html << R"(<section aria-labelledby="warnings"><h2 id="warnings">Worth mending</h2>)"
       << R"(<p class="lead">Federation does not depend on it today.</p><ul class="warnings">)"
       << "\n";
  for (const Node& warning : warnings) WriteWarning(html, warning);
  html << "</ul></section>\n";
}

void WriteChecksSection(Html& html, Node report) {
  auto rest = report["checks"].Items();
  if (rest.empty()) return;
  std::vector<Node> failed;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(failed),
               [](const Node& check) { return check["status"].Text() == "fail"; });
  std::erase_if(rest, [](const Node& check) { return check["status"].Text() == "fail"; });
  const auto passed =
      static_cast<std::size_t>(std::count_if(rest.begin(), rest.end(), [](const Node& check) {
        return check["status"].Text() == "pass";
      }));
  html << R"(<section aria-labelledby="checks"><h2 id="checks">Checks</h2><p class="lead">)"
       << passed << " passed, " << failed.size() << " failed, " << rest.size() - passed
       << " did not apply or were not reached.</p>";
  if (!failed.empty()) WriteChecks(html, failed);
  html << R"(<details id="other-checks"><summary>The )" << Counted(rest.size(), "other check")
       << "</summary>";
  WriteChecks(html, rest);
  html << "</details></section>\n";
}

}  // namespace exporter::page
