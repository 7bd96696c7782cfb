#include "exporter/page/list_row.h"

#include "exporter/page/lifetime.h"
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
         << "</code> <span class=\"quiet\">" << Spaced(summary.check) << "</span></p>";
  } else if (entry.state == State::kWarning) {
    WriteWarnings(html, summary);
  }
}

void WriteCertificate(Html& html, Markup what, const std::optional<CertificateLifetime>& lifetime,
                      SystemTime now) {
  if (!lifetime) return;
  html << "<div><dt>" << what << "</dt><dd>" << Lifetime{*lifetime, now} << "</dd></div>";
}

void WriteCount(Html& html, Markup version, const AddressCount& count) {
  if (count.all == 0) return;
  html << "<div><dt>" << version << R"(</dt><dd class="count )"
       << (count.healthy == count.all ? Markup("whole")
           : count.healthy == 0       ? Markup("none")
                                      : Markup("part"))
       << R"(">)" << count.healthy << "/" << count.all << "</dd></div>";
}

void WriteSoftware(Html& html, const Summary& summary) {
  html << R"(<dl class="facts software">)";
  if (!summary.version.empty()) {
    html << "<div><dt>Software</dt><dd>"
         << (summary.software.empty() ? std::string("unnamed") : summary.software)
         << " <span class=\"version\">" << summary.version << "</span></dd></div>";
  }
  if (!summary.destination.empty()) {
    html << R"(<div><dt>Reached at</dt><dd class="destination">)" << summary.destination
         << R"( <span class="quiet">by )" << MethodWords(summary.method) << "</span></dd></div>";
  }
  html << "</dl>";
}

void WriteTimes(Html& html, const Entry& entry, SystemTime now) {
  html << R"(<dl class="facts times">)";
  if (entry.snapshot) {
    html << "<div><dt>Checked</dt><dd>" << Relative{entry.snapshot->finished_at, now}
         << "</dd></div>";
  }
  const SystemTime next = entry.row->slot->next_due();
  if (next != SystemTime{}) {
    html << "<div><dt>Next</dt><dd>";
    // The loop may be busy, or the probe under way.
    next <= now ? html << "now" : html << Relative{next, now};
    html << "</dd></div>";
  }
  html << "</dl>";
}

}  // namespace

void WriteRow(Html& html, const Entry& entry, SystemTime now) {
  html << R"(<li class="row )" << Word(entry.state) << R"("><div class="who"><h3><a href="servers/)"
       << PercentEncode(entry.name()) << R"(">)" << entry.name() << "</a></h3>";
  if (!entry.group().empty()) {
    html << R"(<p class="group"><span class="unseen">Group </span>)" << entry.group() << "</p>";
  }
  WriteStanding(html, entry, now);
  WriteCause(html, entry);
  html << "</div>";
  if (entry.snapshot) {
    const Summary& summary = entry.snapshot->summary;
    html << R"(<dl class="facts certificates">)";
    WriteCertificate(html, "Certificate", summary.certificates[0], now);
    WriteCertificate(html, ".well-known’s", summary.certificates[1], now);
    html << R"(</dl><dl class="facts addresses">)";
    WriteCount(html, "IPv4", summary.ipv4);
    WriteCount(html, "IPv6", summary.ipv6);
    html << "</dl>";
    WriteSoftware(html, summary);
  }
  WriteTimes(html, entry, now);
  html << "</li>\n";
}

}  // namespace exporter::page
