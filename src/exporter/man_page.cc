#include "exporter/man_page.h"

#include <string_view>

#include "exporter/flags.h"

namespace exporter {
namespace {

// Text as roff takes it literally: a backslash begins an escape, a dash would become a hyphen that
// no one can copy, a dot at the beginning of a line a request.
std::string Roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string FlagEntry(const Flag& flag) {
  std::string out = ".TP\n.B \\-\\-" + Roff(flag.name);
  // The value is in italics, without a space in between.
  if (!flag.value.empty()) out = ".TP\n.BI \\-\\-" + Roff(flag.name) + "= " + Roff(flag.value);
  out += "\n" + Roff(flag.help) + "\n";
  if (!flag.default_text.empty()) out += "Default: " + Roff(flag.default_text) + ".\n";
  return out;
}

std::string FlagsFor(std::string_view title, const Verb* verb) {
  std::string out = ".SS " + std::string(title) + "\n";
  for (const Flag& flag : AllFlags()) {
    if (IsFor(flag, verb)) out += FlagEntry(flag);
  }
  return out;
}

constexpr std::string_view kHead = R"(.TH MATRIX\-FEDERATION\-EXPORTER 1
.SH NAME
matrix\-federation\-exporter \- tell whether other servers can reach Matrix homeservers
.SH SYNOPSIS
.B matrix\-federation\-exporter
.RI [ FLAG ...]
)";

constexpr std::string_view kDescription = R"(.SH DESCRIPTION
Without a command it is a daemon: it probes the homeservers of its configuration on a schedule, as
another homeserver would reach them, and serves what it finds as Prometheus metrics.
)";

constexpr std::string_view kTail = R"(.SH EXIT STATUS
The daemon ends with 0 after SIGTERM or SIGINT and with 1 when it cannot start.
.B check
ends with
.TP
0
when every server can be reached and is as the
.B expect
of the configuration demands,
.TP
1
with \-\-strict, when that is so but some carry warnings,
.TP
2
when a server cannot be reached, or is not as demanded,
.TP
3
when the check itself could not be made.
.PP
.B explain
ends with 3 for a word that it does not know,
.B healthcheck
with 1 when the daemon is not healthy or has not answered within 5 seconds,
.B \-\-config.check
with 1 when there is a mistake.
.SH SIGNALS
SIGHUP has the daemon read its configuration again. A mistake in it changes nothing and is logged.
.SH ENVIRONMENT
The daemon speaks to systemd through NOTIFY_SOCKET and WATCHDOG_USEC, and takes its sockets from
LISTEN_FDS. STATE_DIRECTORY is where it keeps its state unless \-\-state.file says otherwise.
.SH FILES
.TP
.I /etc/matrix\-federation\-exporter/config.yaml
the configuration; \-\-print\-config prints every key of it with its meaning
.SH SEE ALSO
.BR promtool (1)
)";

}  // namespace

std::string ManPage() {
  std::string out(kHead);
  for (const Verb& verb : AllVerbs()) {
    out += ".br\n.B matrix\\-federation\\-exporter " + std::string(verb.name) + "\n.RI [ FLAG " +
           (verb.takes.empty() ? "...]\n" : "\"...] \" " + std::string(verb.operand) + " ...\n");
  }
  out += kDescription;
  for (const Verb& verb : AllVerbs()) {
    out += ".TP\n.BI " + std::string(verb.name) +
           (verb.takes.empty() ? "" : " \" " + std::string(verb.operand) + "\" ...") + "\n" +
           Roff(verb.summary) + "\n";
  }
  out += ".SH OPTIONS\nA flag is given as \\-\\-flag=value or \\-\\-flag value.\n";
  out += FlagsFor("Of the daemon", nullptr);
  for (const Verb& verb : AllVerbs()) out += FlagsFor("Of " + std::string(verb.name), &verb);
  return out + std::string(kTail);
}

}  // namespace exporter
