#include "exporter/page/server_page.h"

#include <algorithm>

#include "exporter/nearest_word.h"
#include "exporter/page/document.h"
#include "exporter/page/facts.h"
#include "exporter/page/sections.h"
#include "exporter/page/words.h"
#include "matrix_federation/report.h"

namespace exporter::page {
namespace {

constexpr std::size_t kNamesOffered = 5;

bool FailsOnlyExpectations(const Entry& entry) {
  return matrix_federation::IsExpectation(entry.snapshot->summary.check);
}

Markup Verdict(const Entry& entry) {
  switch (entry.state) {
    case State::kFailing:
      return FailsOnlyExpectations(entry)
                 ? Markup("Other homeservers can reach it, but it is not as expected.")
                 : Markup("Other homeservers cannot reach it.");
    case State::kWarning:
      return entry.snapshot->summary.all_addresses_ok
                 ? Markup("Other homeservers can reach it, but something should be mended.")
                 : Markup("Other homeservers can reach it, but not at every address.");
    case State::kUnknown:
      return entry.snapshot ? Markup("Its last result is too old to be believed.")
                            : Markup("It has not been checked yet.");
    case State::kOk: break;
  }
  return "Other homeservers can reach it.";
}

Markup SinceWhen(const Entry& entry) {
  if (entry.snapshot->summary.federation_ok) return "Reachable since ";
  return FailsOnlyExpectations(entry) ? Markup("Failing since ") : Markup("Unreachable since ");
}

void WriteSince(Html& html, const Entry& entry, SystemTime now) {
  html << R"(<p class="since">)";
  if (entry.snapshot) {
    const Snapshot& snapshot = *entry.snapshot;
    html << SinceWhen(entry) << Minute{snapshot.since} << " (" << Relative{snapshot.since, now}
         << "). Last checked " << Relative{snapshot.finished_at, now};
  }
  const SystemTime next = entry.row->slot->next_due();
  if (next != SystemTime{}) {
    html << (entry.snapshot ? Markup(", next ") : Markup("The next check is due "));
    html << Due{next, now};
  }
  html << ".</p>";
}

void WriteActions(Html& html, const Entry& entry) {
  const std::string api = "../api/v1/servers/" + PercentEncode(entry.name());
  html << R"(<div class="actions"><form class="check-now" method="post" action=")" << api
       << R"(/check"><button type="submit" id="check-now">Check now</button></form><a href=")"
       << api << R"(">JSON</a></div>)"
       << "\n";
}

void WriteHead(Html& html, const Entry& entry, SystemTime now) {
  html << R"(<div id="verdict" class="verdict )" << Word(entry.state) << R"(" data-live)";
  if (entry.snapshot) html << R"( data-checked=")" << Rfc3339(entry.snapshot->finished_at) << "\"";
  html << R"(><p class="standing">)" << entry.state << " <strong>" << Label(entry)
       << "</strong></p><h1>" << entry.name() << R"(</h1><p class="sentence">)" << Verdict(entry)
       << "</p>";
  if (entry.snapshot && !entry.snapshot->summary.federation_ok) {
    const Summary& summary = entry.snapshot->summary;
    html << R"(<p class="cause">)" << Sentence(summary.detail) << " <code>" << summary.reason
         << R"(</code></p><p class="quiet">Found by the check <code>)" << summary.check
         << "</code>.</p>";
  }
  WriteSince(html, entry, now);
  html << "</div>\n";
}

void WriteReport(Html& html, const Snapshot& snapshot, SystemTime now) {
  const StoredReport stored(Unpack(snapshot.packed_details).report);
  const Node report = stored.root();
  if (!report) {
    html
        << R"(<p class="nothing">The full report was too large to be kept. The command line has it: )"
        << "<code>matrix-federation-exporter check</code>.</p>\n";
  }
  WriteCauseSection(html, report);
  WritePathSection(html, report);
  WriteHistorySection(html, snapshot, now);
  WriteWarningsSection(html, report);
  WriteAddressesSection(html, report, now);
  WriteChecksSection(html, report);
}

// Those that hold what was asked for, and the nearest of about its length: what is longer or
// shorter is no slip of the fingers, and ten thousand comparisons take their time.
std::vector<std::string> Similar(const std::string& name, const std::vector<Row>& rows) {
  constexpr std::size_t kNameMax = 255;  // of the specification
  constexpr std::size_t kLengthMax = 64;
  constexpr std::size_t kSlip = 2;
  constexpr std::size_t kCompared = 2000;
  std::vector<std::string> similar;
  if (name.empty() || name.size() > kNameMax) return similar;
  std::vector<std::string_view> near;
  for (const Row& row : rows) {
    const std::string& known = row.server->server_name;
    const bool holds = known.find(name) != std::string::npos ||
                       (!known.empty() && name.find(known) != std::string::npos);
    if (holds && similar.size() < kNamesOffered) similar.push_back(known);
    if (name.size() <= kLengthMax && known.size() + kSlip >= name.size() &&
        name.size() + kSlip >= known.size() && near.size() < kCompared) {
      near.push_back(known);
    }
  }
  const std::string nearest = NearestWord(name, near);
  if (!nearest.empty() && std::find(similar.begin(), similar.end(), nearest) == similar.end()) {
    similar.insert(similar.begin(), nearest);
    similar.resize(std::min(similar.size(), kNamesOffered));
  }
  return similar;
}

}  // namespace

std::string ServerPage(const Row& row, const std::string& metrics_path, SystemTime now) {
  const Entry entry = MakeEntry(row, now);
  Document document{
      .title = entry.name() + ": " + std::string(Label(entry)) + " · Matrix federation",
      .root = "../",
      .metrics = metrics_path};
  Html& html = document.main;
  WriteHead(html, entry, now);
  WriteActions(html, entry);
  html << R"(<div id="glance" class="glance" data-live>)";
  WriteFacts(html, entry, now);
  html << "</div>\n";
  html << R"(<div id="report" class="report" data-live>)";
  if (entry.snapshot) WriteReport(html, *entry.snapshot, now);
  html << "</div>\n";
  return Render(document);
}

std::string UnknownServerPage(const std::string& name, const Board& board, const std::string& root,
                              const std::string& metrics_path) {
  Document document{
      .title = "Unknown homeserver · Matrix federation", .root = root, .metrics = metrics_path};
  const std::string elsewhere = board.others().WhereIs(name);
  Html& html = document.main;
  html << R"(<div class="verdict unknown"><h1>)" << (name.empty() ? std::string("No name") : name)
       << R"(</h1><p class="sentence">)"
       << (elsewhere.empty() ? std::string("The configuration has no homeserver of this name.")
                             : "It " + elsewhere + ".")
       << "</p>";
  const auto similar = elsewhere.empty() ? Similar(name, board.rows()) : std::vector<std::string>();
  if (!similar.empty()) {
    html << R"(<p>Was one of these meant?</p><ul class="similar">)";
    for (const std::string& each : similar) {
      html << R"(<li><a href=")" << root << "servers/" << PercentEncode(each) << R"(">)" << each
           << "</a></li>";
    }
    html << "</ul>";
  }
  html << R"(<p><a href=")" << root << R"(./">All homeservers</a></p></div>)"
       << "\n";
  return Render(document);
}

}  // namespace exporter::page
