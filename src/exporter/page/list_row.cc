#include "exporter/page/list_row.h"

#include <algorithm>

#include "exporter/page/facts.h"
#include "exporter/page/moment.h"
#include "exporter/page/words.h"

namespace exporter::page {
namespace {

using matrix_federation::SystemTime;

void WriteStanding(Html& html, const Entry& entry, SystemTime now) {
  html << R"(<p class="standing">)" << entry.state << " <strong>" << Label(entry) << "</strong>";
  if (entry.snapshot) {
    const Snapshot& snapshot = *entry.snapshot;
    if (entry.state == State::kUnknown) {
      html << " last checked " << Relative{snapshot.finished_at, now};
    } else if (entry.state == State::kWarning) {
      html << " reachable since " << Relative{snapshot.since, now};
    } else {
      html << " since " << Relative{snapshot.since, now};
    }
  }
  html << "</p>";
}

void WriteWarnings(Html& html, const Summary& summary) {
  constexpr std::size_t kShown = 2;
  const auto words = summary.WarningWords();
  for (std::size_t i = 0; i < std::min(words.size(), kShown); ++i) {
    html << R"(<p class="cause">)" << Sentence(WarningSentence(words[i])) << " <code>" << words[i]
         << "</code></p>";
  }
  if (words.size() > kShown) {
    html << R"(<p class="cause">And )" << words.size() - kShown << " more.</p>";
  }
  if (words.empty()) html << R"(<p class="cause">Not every address can be reached.</p>)";
}

void WriteCause(Html& html, const Entry& entry) {
  if (!entry.snapshot) {
    html << R"(<p class="cause">The first check is still to come.</p>)";
    return;
  }
  const Summary& summary = entry.snapshot->summary;
  if (entry.state == State::kUnknown) {
    html << R"(<p class="cause">This is too old to be believed. Then it was )"
         << (summary.federation_ok ? Markup("working.") : Markup("failing: "));
    if (!summary.federation_ok) html << "<code>" << summary.reason << "</code>";
    html << "</p>";
  } else if (!summary.federation_ok) {
    html << R"(<p class="cause">)" << Sentence(summary.detail) << " <code>" << summary.reason
         << "</code></p>";
  } else if (entry.state == State::kWarning) {
    WriteWarnings(html, summary);
  }
}

}  // namespace

void WriteRow(Html& html, const Entry& entry, SystemTime now) {
  html << R"(<li class="row )" << Word(entry.state) << R"("><div class="who"><h3><a href="servers/)"
       << PercentEncode(entry.name()) << R"(">)" << entry.name() << "</a></h3>";
  if (!entry.group().empty()) {
    html << R"(<p class="group"><span class="unseen">Group </span><a href="?group=)"
         << PercentEncode(entry.group()) << R"(">)" << entry.group() << "</a></p>";
  }
  WriteStanding(html, entry, now);
  WriteCause(html, entry);
  html << "</div>";
  WriteFacts(html, entry, now);
  html << "</li>\n";
}

}  // namespace exporter::page
