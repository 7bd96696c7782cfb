#include <algorithm>

#include "exporter/page/sections.h"
#include "exporter/page/words.h"

namespace exporter::page {
namespace {

constexpr int kStripWidth = 1000;

// A bar of the time since the oldest episode, the failures in their colour; each at least so wide
// that it can be seen.
void WriteStrip(Html& html, const std::vector<Episode>& episodes) {
  constexpr double kNarrowest = 4;
  const SystemTime begin = episodes.front().begin;
  const std::chrono::duration<double> whole = episodes.back().end - begin;
  if (whole.count() <= 0) return;
  html
      << R"(<svg class="strip" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">)";
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const bool is_last = i + 1 == episodes.size();
    const SystemTime end = is_last ? episodes[i].end : episodes[i + 1].begin;
    const double from = (episodes[i].begin - begin) / whole * kStripWidth;
    const double width = std::max(kNarrowest, (end - episodes[i].begin) / whole * kStripWidth);
    html << R"(<rect class=")" << Word(episodes[i].ok() ? State::kOk : State::kFailing)
         << R"(" x=")" << static_cast<int>(from) << R"(" width=")" << static_cast<int>(width)
         << R"(" height="20"/>)";
  }
  html << "</svg>";
}

void WriteEpisode(Html& html, const Episode& episode, SystemTime now) {
  const State state = episode.ok() ? State::kOk : State::kFailing;
  html << R"(<li class="episode )" << Word(state) << R"("><p>)" << state << " <strong>"
       << (episode.ok() ? Markup("Working") : Markup("Failing")) << "</strong>";
  if (!episode.ok()) {
    html << " " << Sentence(ReasonSentence(episode.reason)) << " <code>" << episode.reason
         << R"(</code>)";
  }
  html << R"(</p><p class="quiet">)" << Minute{episode.begin} << " to " << Minute{episode.end}
       << " (" << Relative{episode.end, now} << "), "
       << Counted(static_cast<std::size_t>(episode.probes), "check") << "</p></li>\n";
}

void WriteCounter(Html& html, Markup name, std::uint64_t value) {
  html << "<div><dt>" << name << "</dt><dd>" << value << "</dd></div>";
}

}  // namespace

void WriteHistorySection(Html& html, const Snapshot& snapshot, SystemTime now) {
  html
      << R"(<section class="history-section" aria-labelledby="history"><h2 id="history">Lately</h2>)"
      << R"(<dl class="facts counters">)";
  WriteCounter(html, "Checks", snapshot.probes);
  WriteCounter(html, "Failed", snapshot.failures);
  WriteCounter(html, "Failed in a row", snapshot.consecutive_failures);
  if (snapshot.last_success) {
    html << "<div><dt>Last success</dt><dd>" << Relative{*snapshot.last_success, now}
         << "</dd></div>";
  }
  html << "</dl>";
  if (!snapshot.episodes.empty()) {
    WriteStrip(html, snapshot.episodes);
    html << R"(<ol class="episodes" reversed>)"
         << "\n";
    for (auto episode = snapshot.episodes.rbegin(); episode != snapshot.episodes.rend();
         ++episode) {
      WriteEpisode(html, *episode, now);
    }
    html << "</ol>";
  }
  html << "</section>\n";
}

}  // namespace exporter::page
