#include "exporter/page/list_page.h"

#include "exporter/page/document.h"
#include "exporter/page/list_row.h"
#include "exporter/page/tally.h"

namespace exporter::page {
namespace {

// More of them than anybody would read through: their names are typed then.
constexpr std::size_t kGroupsShown = 200;

void WriteTally(Html& html, Markup label, const ListQuery& query, std::optional<State> state,
                std::size_t count) {
  ListQuery wanted = query;
  wanted.state = state;
  wanted.page = 1;
  html << R"(<li><a class="tally )" << (state ? Word(*state) : std::string_view("all"))
       << R"(" href=")" << wanted.Link() << "\""
       << (query.state == state ? Markup(R"( aria-current="true")") : Markup("")) << ">";
  if (state) html << *state;
  html << R"(<span class="number">)" << count << R"(</span> <span class="label">)" << label
       << "</span></a></li>";
}

void WriteTallies(Html& html, const Selection& selection, const ListQuery& query) {
  html << R"(<nav class="tallies" aria-label="By state"><ul>)";
  const auto write = [&](Markup label, State state) {
    WriteTally(html, label, query, state, CountOf(selection.matched, state));
  };
  WriteTally(html, "all", query, std::nullopt, SumOf(selection.matched));
  write("failing", State::kFailing);
  write("with warnings", State::kWarning);
  write("stale or not checked", State::kUnknown);
  write("working", State::kOk);
  html << "</ul></nav>\n";
}

void WriteOption(Html& html, std::string_view value, std::string_view label, bool selected) {
  html << R"(<option value=")" << value << "\"" << (selected ? Markup(" selected") : Markup(""))
       << ">" << label << "</option>";
}

void WriteGroups(Html& html, const Selection& selection, const ListQuery& query) {
  const std::string chosen = query.group.value_or("");
  if (selection.groups.size() > kGroupsShown) {
    html << R"(<label>Group <input name="group" value=")" << chosen << R"("></label>)";
    return;
  }
  if (selection.groups.size() < 2 && chosen.empty()) return;
  html << R"(<label>Group <select name="group">)";
  WriteOption(html, "", "all", chosen.empty());
  if (!chosen.empty() && !selection.groups.contains(chosen)) {
    WriteOption(html, chosen, chosen, true);
  }
  for (const std::string_view group : selection.groups) {
    if (!group.empty()) WriteOption(html, group, group, group == chosen);
  }
  html << "</select></label>";
}

void WriteForm(Html& html, const Selection& selection, const ListQuery& query) {
  html << R"(<form class="filter" id="filter" method="get" action="./" role="search">)"
       << R"(<label class="search">Search <input type="search" name="q" value=")" << query.search
       << R"(" placeholder="name or group" autocomplete="off" spellcheck="false"></label>)"
       << R"(<label>State <select name="state">)";
  WriteOption(html, "", "all", !query.state);
  constexpr std::array<std::string_view, kStates.size()> kLabels = {
      "failing", "with warnings", "stale or not checked", "working"};
  for (const State state : kStates) {
    WriteOption(html, Word(state), kLabels.at(static_cast<std::size_t>(state)),
                query.state == state);
  }
  html << "</select></label>";
  WriteGroups(html, selection, query);
  html << R"(<label>Sort <select name="sort">)";
  WriteOption(html, "", "failing first", query.order == Order::kUrgency);
  WriteOption(html, "certificate", "soonest certificate", query.order == Order::kCertificate);
  WriteOption(html, "name", "name", query.order == Order::kName);
  html << R"(</select></label><button type="submit">Show</button></form>)"
       << "\n";
}

void WriteStep(Html& html, Markup label, Markup relation, const ListQuery& query,
               std::size_t page) {
  ListQuery wanted = query;
  wanted.page = page;
  html << R"(<a rel=")" << relation << R"(" href=")" << wanted.Link() << R"(">)" << label << "</a>";
}

void WritePages(Html& html, const Selection& selection, const ListQuery& query) {
  if (selection.pages == 1) return;
  html << R"(<nav class="pages" aria-label="Pages">)";
  if (selection.page > 1) WriteStep(html, "← Previous", "prev", query, selection.page - 1);
  html << "<span>Page " << selection.page << " of " << selection.pages << "</span>";
  if (selection.page < selection.pages) {
    WriteStep(html, "Next →", "next", query, selection.page + 1);
  }
  html << "</nav>\n";
}

void WriteRange(Html& html, const Selection& selection) {
  const std::size_t begin = (selection.page - 1) * kPageSize;
  html << R"(<p class="range">)" << begin + 1 << "–" << begin + selection.entries.size() << " of "
       << selection.chosen << "</p>";
}

void WriteRows(Html& html, const Selection& selection, const ListQuery& query,
               matrix_federation::SystemTime now) {
  html << R"(<h2 class="unseen">Homeservers</h2>)"
       << "\n";
  if (selection.entries.empty()) {
    html << R"(<p class="nothing">)"
         << (SumOf(selection.all) == 0 ? Markup("The configuration lists no homeserver.")
                                       : Markup("No homeserver is like this."));
    if (SumOf(selection.all) != 0) html << R"( <a href="./">Show all</a>)";
    html << "</p>\n";
    return;
  }
  if (selection.pages > 1) WriteRange(html, selection);
  html << R"(<ul class="rows">)"
       << "\n";
  for (const Entry& entry : selection.entries) WriteRow(html, entry, now);
  html << "</ul>\n";
  WritePages(html, selection, query);
}

}  // namespace

std::string ListPage(const Selection& selection, const ListQuery& query,
                     const std::string& metrics_path, matrix_federation::SystemTime now) {
  const std::string headline = Headline(selection.all);
  Document document{
      .title = headline + " · Matrix federation", .root = "", .metrics = metrics_path};
  Html& html = document.main;
  html.Reserve(4096 + selection.entries.size() * 2048);
  html << R"(<div id="summary" class="summary" data-live><h1>)" << headline << "</h1>\n";
  WriteTallies(html, selection, query);
  html << "</div>\n";
  WriteForm(html, selection, query);
  html << R"(<div id="list" class="list" data-live>)";
  WriteRows(html, selection, query, now);
  html << "</div>\n";
  return Render(document);
}

std::string ListMistakePage(const std::string& mistake, const std::string& metrics_path) {
  Document document{
      .title = "Wrong address · Matrix federation", .root = "", .metrics = metrics_path};
  document.main << R"(<div class="summary"><h1>This address asks for what there is not</h1><p>)"
                << mistake << R"(</p><p><a href="./">Show all homeservers</a></p></div>)"
                << "\n";
  return Render(document);
}

}  // namespace exporter::page
