#include "exporter/page/facts.h"

#include "exporter/page/lifetime.h"
#include "exporter/page/moment.h"
#include "exporter/page/words.h"

namespace exporter::page {
namespace {

using matrix_federation::SystemTime;

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
    html << "<div><dt>Next</dt><dd>" << Due{next, now} << "</dd></div>";
  }
  html << "</dl>";
}

}  // namespace

void WriteFacts(Html& html, const Entry& entry, SystemTime now) {
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
}

}  // namespace exporter::page
