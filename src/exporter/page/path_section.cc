#include "exporter/page/path_steps.h"
#include "exporter/page/sections.h"
#include "exporter/page/words.h"

namespace exporter::page {
namespace {

State StateOf(Passage passage) {
  switch (passage) {
    case Passage::kPassed: return State::kOk;
    case Passage::kWarned: return State::kWarning;
    case Passage::kBroken: return State::kFailing;
    case Passage::kNotTaken: break;
  }
  return State::kUnknown;
}

Markup Label(Passage passage) {
  switch (passage) {
    case Passage::kPassed: return "passed";
    case Passage::kWarned: return "passed, with a warning";
    case Passage::kBroken: return "broken here";
    case Passage::kNotTaken: break;
  }
  return "not needed or not reached";
}

void WriteStep(Html& html, const PathStep& step, Node report) {
  const Passage passage = PassageOf(step, report);
  const State state = StateOf(passage);
  html << R"(<li class="step )" << Word(state) << R"("><div class="place">)";
  passage == Passage::kNotTaken ? html << kSkippedSign : html << state;
  html << "<h3>" << step.title << R"( <span class="unseen">: )" << Label(passage) << "</span></h3>";
  if (passage == Passage::kBroken) html << R"(<p class="broken">broken here</p>)";
  html << R"(</div><div class="told">)";
  step.write(html, report);
  for (const Node& check : FailedChecks(step, report)) {
    html << R"(<p class="finding">)" << Sentence(check["detail"].Text()) << " <code>"
         << check["reason"].Text() << "</code></p>";
  }
  html << "</div></li>\n";
}

}  // namespace

void WritePathSection(Html& html, Node report) {
  if (!report) return;
  html
      << R"(<section class="path-section" aria-labelledby="path"><h2 id="path">The way to it</h2>)";
  if (const auto seconds = report["duration_seconds"].Number()) {
    html << R"(<p class="lead">As another homeserver goes it, step by step; )" << Span(*seconds)
         << " in all.</p>";
  }
  html << R"(<ol class="path">)"
       << "\n";
  for (const PathStep& step : AllPathSteps()) WriteStep(html, step, report);
  html << "</ol></section>\n";
}

}  // namespace exporter::page
