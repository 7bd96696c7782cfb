#include "exporter/report_text.h"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <ctime>

#include "exporter/explanation_text.h"
#include "matrix_federation/explanation.h"
#include "matrix_federation/label.h"

namespace exporter {
namespace {

using matrix_federation::CertificateFacts;
using matrix_federation::DnsStatus;
using matrix_federation::Duration;
using matrix_federation::EndpointObservation;
using matrix_federation::HostObservation;
using matrix_federation::Observation;
using matrix_federation::Report;
using matrix_federation::RootCause;
using matrix_federation::Severity;
using matrix_federation::SrvObservation;
using matrix_federation::Status;
using matrix_federation::Step;
using matrix_federation::SystemSeconds;
using matrix_federation::SystemTime;
using matrix_federation::ToLabel;
using matrix_federation::WellKnownObservation;

std::string Seconds(Duration duration) {
  return fmt::format("{:.2f} s", std::chrono::duration<double>(duration).count());
}

std::string Day(SystemSeconds time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", fields.tm_year + 1900, fields.tm_mon + 1,
                     fields.tm_mday, fields.tm_hour, fields.tm_min);
}

std::string DaysLeft(SystemSeconds until, SystemTime now) {
  const auto left = until - std::chrono::floor<std::chrono::seconds>(now);
  const bool past = left.count() < 0;
  const auto days = std::chrono::floor<std::chrono::days>(past ? -left : left).count();
  return fmt::format("{} day{} {}", days, days == 1 ? "" : "s", past ? "ago" : "left");
}

// Nothing of the only one.
std::string Attempt(int attempts) {
  return attempts > 1 ? fmt::format(" (attempt {})", attempts) : "";
}

// How each step of the specification goes on, in words.
std::string_view Meaning(Step step) {
  switch (step) {
    case Step::k1: return "the name is an address";
    case Step::k2: return "the name has a port";
    case Step::k31: return ".well-known names an address";
    case Step::k32: return ".well-known names a host and a port";
    case Step::k33: return ".well-known names a host, which has an SRV record";
    case Step::k34: return ".well-known names a host, which has a deprecated SRV record";
    case Step::k35: return ".well-known names a host: port 8448";
    case Step::k4: return "an SRV record";
    case Step::k5: return "a deprecated SRV record";
    case Step::k6: break;
  }
  return "no usable .well-known and no SRV record: port 8448 of the name itself";
}

// Numbered lines of what was tried.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void Step(const std::string& text) { out_ += fmt::format("  {}. {}\n", ++step_, text); }
  void Detail(const std::string& text) { out_ += "     " + text + "\n"; }

 private:
  std::string& out_;
  int step_ = 0;
};

void WriteWellKnown(const WellKnownObservation& lookup, SystemTime now, Writer& writer) {
  if (!lookup.attempted) return;
  std::string line = "asked " + lookup.url + Attempt(lookup.attempts);
  if (lookup.redirects != 0) {
    line += fmt::format(" ({} redirect{} to {})", lookup.redirects,
                        lookup.redirects == 1 ? "" : "s", ToLabel(lookup.final_url));
  }
  if (lookup.delegated) {
    writer.Step(line + ": delegated to " + lookup.delegated->text());
  } else if (lookup.status == 404) {
    writer.Step(line + ": none published (404), which is fine");
  } else {
    writer.Step(line + ": no usable answer, so discovery went on without it");
    writer.Detail(fmt::format("{}: {}", Word(lookup.failure->reason), lookup.failure->detail));
  }
  if (lookup.tls && lookup.tls->chain) {
    const CertificateFacts& leaf = lookup.tls->chain->certificates.front();
    writer.Detail(fmt::format("its certificate is valid until {} ({})", Day(leaf.not_after),
                              DaysLeft(leaf.not_after, now)));
  }
}

void WriteServices(const std::vector<SrvObservation>& services, Writer& writer) {
  for (const SrvObservation& query : services) {
    if (query.status != DnsStatus::kFound) {
      writer.Step(fmt::format("asked for SRV {}{}: {}", query.name, Attempt(query.attempts),
                              Word(query.status)));
      continue;
    }
    writer.Step(fmt::format("asked for SRV {}{}:", query.name, Attempt(query.attempts)));
    for (const auto& record : query.records) {
      writer.Detail(fmt::format("priority {} weight {}: {} port {}", record.priority, record.weight,
                                record.target, record.port));
    }
  }
}

void WriteDestination(const Observation& seen, Writer& writer) {
  if (!seen.destination) return;
  const auto& to = *seen.destination;
  if (seen.hosts.empty() && seen.endpoints.empty()) {
    writer.Step(fmt::format("discovery ended at step {} of the specification", Word(to.step)));
    return;
  }
  writer.Step(fmt::format("step {} of the specification: {}", Word(to.step), Meaning(to.step)));
  writer.Detail(fmt::format("Host header '{}', certificate for {}", to.host_header,
                            to.certificate_name.value));
  for (const HostObservation& host : seen.hosts) {
    if (host.failure) {
      writer.Step(fmt::format("looked up {}{}: {}", host.host, Attempt(host.attempts),
                              Word(host.failure->reason)));
      continue;
    }
    std::string addresses;
    for (const auto& ip : host.addresses) addresses += " " + ip.ToString();
    writer.Step(fmt::format("looked up {}{}:{}", host.host, Attempt(host.attempts), addresses));
  }
}

void WriteCertificate(const EndpointObservation& endpoint, SystemTime now, std::string& out) {
  if (!endpoint.tls || !endpoint.tls->chain) return;
  const CertificateFacts& leaf = endpoint.tls->chain->certificates.front();
  out += fmt::format("        {}, certificate {} by {}, valid until {} ({})\n",
                     endpoint.tls->version, ToLabel(leaf.subject_cn), ToLabel(leaf.issuer_cn),
                     Day(leaf.not_after), DaysLeft(leaf.not_after, now));
}

void WriteEndpoint(const EndpointObservation& endpoint, SystemTime now, std::string& out) {
  const auto* failure = matrix_federation::EndpointFailure(endpoint);
  out += fmt::format("     {:4} {}{}\n", failure == nullptr ? "ok" : "FAIL",
                     endpoint.address.ToString(), Attempt(endpoint.attempts));
  WriteCertificate(endpoint, now, out);
  if (endpoint.keys && endpoint.keys->ok()) {
    out += fmt::format(
        "        signing keys{} valid until {}\n",
        [&] {
          std::string ids;
          for (const auto& id : endpoint.keys->verified_key_ids) {
            ids += " " + ToLabel(id);
          }
          return ids;
        }(),
        Day(std::chrono::floor<std::chrono::seconds>(*endpoint.keys->valid_until)));
  }
  if (endpoint.version && endpoint.version->ok()) {
    out += fmt::format("        runs {} {}\n", endpoint.version->name.value_or("(no name)"),
                       *endpoint.version->version);
  }
  if (failure != nullptr) {
    out += fmt::format("        {}: {}\n", Word(failure->reason), failure->detail);
  }
}

// Every step of the probe, in order.
std::string Trace(const Observation& seen) {
  std::string out;
  const SystemTime now = seen.started_at;
  Writer writer(out);
  WriteWellKnown(seen.well_known, now, writer);
  WriteServices(seen.services, writer);
  WriteDestination(seen, writer);
  if (!seen.endpoints.empty()) writer.Step("knocked at every address:");
  for (const EndpointObservation& endpoint : seen.endpoints) WriteEndpoint(endpoint, now, out);
  if (seen.endpoints_truncated != 0) {
    out += fmt::format("     and {} further addresses not tried\n", seen.endpoints_truncated);
  }
  return out;
}

std::string_view Verdict(const Report& report) {
  if (report.federation_ok) return "works";
  return FailsOnlyExpectations(report) ? "works, but NOT AS EXPECTED" : "DOES NOT WORK";
}

void WriteRootCause(const RootCause& cause, std::string& out) {
  out += fmt::format("  {} ({})\n", cause.reason, cause.check->name);
  out += LayOut("  ", cause.detail);
  if (const auto reason = matrix_federation::ReasonOf(cause.reason)) {
    out += "\n" + ToText(ExplanationOf(*reason));
  }
}

struct Flaw {
  std::string_view word;
  std::string_view detail;
  std::string_view fix;
};

// Warnings, and why checks that only warn fail. While federation does not work, such a reason may
// well have a part in it: then only the trace tells it.
std::vector<Flaw> FlawsOf(const Report& report) {
  std::vector<Flaw> flaws;
  for (const auto& [warning, detail] : report.warnings) {
    flaws.push_back({Word(warning), detail, ExplanationOf(warning).fix});
  }
  for (const auto& [check, verdict] : report.checks) {
    const bool only_warns = check->severity == Severity::kWarning && report.federation_ok;
    if (!only_warns || verdict.status != Status::kFail || !verdict.findings.empty()) continue;
    const auto reason = matrix_federation::ReasonOf(verdict.code);
    if (reason) flaws.push_back({verdict.code, verdict.detail, ExplanationOf(*reason).fix});
  }
  return flaws;
}

void WriteFlaws(const std::vector<Flaw>& flaws, std::string& out) {
  if (flaws.empty()) return;
  out += "  Worth mending, though federation does not depend on it:\n";
  std::string words;
  for (const Flaw& flaw : flaws) {
    out += LayOut("     ", fmt::format("{}: {}", flaw.word, flaw.detail));
    out += LayOut("        Fix: ", matrix_federation::FirstParagraph(flaw.fix));
    words += fmt::format(" {}", flaw.word);
  }
  out += fmt::format("     More about it: matrix-federation-exporter explain{}\n", words);
}

}  // namespace

std::string ToText(const Report& report) {
  const Observation& seen = report.observation;
  std::string out =
      fmt::format("{}: federation {} ({})\n", matrix_federation::ToSentence(seen.queried_name),
                  Verdict(report), Seconds(seen.duration));
  const std::string trace = Trace(seen);
  if (report.root_cause) {
    WriteRootCause(*report.root_cause, out);
    if (!trace.empty()) out += "\n  What was tried, and what came back:\n";
  }
  out += trace;
  WriteFlaws(FlawsOf(report), out);
  return out;
}

}  // namespace exporter
