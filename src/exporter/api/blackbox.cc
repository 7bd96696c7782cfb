#include "exporter/api/blackbox.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exporter/api/answers.h"
#include "exporter/api/last_result.h"
#include "exporter/api/parameters.h"
#include "exporter/api/timestamp.h"
#include "exporter/exposition_text.h"
#include "exporter/negotiate.h"
#include "matrix_federation/label.h"

namespace exporter {
namespace {

using matrix_federation::SystemTime;
using matrix_federation::ToLabel;
using matrix_federation::ToSentence;

// What the metrics derive from. blackbox_exporter knows one connection; here it is that of the
// first address that works, or else of the first one.
struct Result {
  const Standing& standing;
  const Json& report;
  const Json& endpoint;  // null when there is none

  [[nodiscard]] const Summary& summary() const { return standing.last->summary; }
};

class Lines {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string>>;

  Lines(std::string_view name, std::string& out) : name_(name), out_(out) {}

  void Add(double value, Labels labels = {}) {
    out_ += name_;
    char before = '{';
    for (const auto& [name, text] : labels) {
      out_.push_back(before);
      out_ += name;
      out_ += "=\"";
      AppendEscaped(text, out_);
      out_.push_back('"');
      before = ',';
    }
    out_ += before == ',' ? "} " : " ";
    AppendNumber(value, out_);
    out_.push_back('\n');
  }

  // Nothing when there is no number.
  void AddIfKnown(const Json& value, Labels labels = {}) {
    if (value.is_number()) Add(NumberOf(value), labels);
  }

 private:
  std::string_view name_;
  std::string& out_;
};

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

void AddPhases(const Result& result, Lines& lines) {
  lines.AddIfKnown(Member(result.report, "discovery", "dns_seconds"), {{"phase", "resolve"}});
  lines.AddIfKnown(Member(result.endpoint, "connect_seconds"), {{"phase", "connect"}});
  lines.AddIfKnown(Member(result.endpoint, "tls_seconds"), {{"phase", "tls"}});
  lines.AddIfKnown(Member(result.endpoint, "keys", "seconds"), {{"phase", "processing"}});
}

void AddEarliestExpiry(const Result& result, Lines& lines) {
  const auto& first = result.summary().certificates.at(static_cast<std::size_t>(Role::kFederation));
  if (first) lines.Add(static_cast<double>(first->not_after.time_since_epoch().count()));
}

// When the last verified chain is one no longer.
void AddLastChainExpiry(const Result& result, Lines& lines) {
  std::optional<double> last;
  for (const Json& endpoint : Member(result.report, "endpoints")) {
    const Json& tls = Member(endpoint, "tls");
    if (!IsTrue(Member(tls, "verified"))) continue;
    std::optional<double> first;
    for (const Json& certificate : Member(tls, "certificates")) {
      const auto end = FromTimestamp(TextOf(Member(certificate, "not_after")));
      if (end) first = std::min(first.value_or(*end), *end);
    }
    if (first) last = std::max(last.value_or(*first), *first);
  }
  if (last) lines.Add(*last);
}

std::string CommonName(const Json& name) {
  const std::string text = TextOf(name);
  return text.empty() ? text : ToLabel("CN=" + text);
}

void AddLastChain(const Result& result, Lines& lines) {
  const Json& certificates = Member(result.endpoint, "tls", "certificates");
  if (!certificates.is_array() || certificates.empty()) return;
  const Json& leaf = certificates.front();
  std::string names;
  for (const Json& name : Member(leaf, "dns_names")) {
    names += (names.empty() ? "" : ",") + TextOf(name);
  }
  lines.Add(1, {{"fingerprint_sha256", TextOf(Member(leaf, "fingerprint_sha256"))},
                {"subject", CommonName(Member(leaf, "subject_cn"))},
                {"issuer", CommonName(Member(leaf, "issuer_cn"))},
                {"subjectalternative", ToSentence(names)},
                {"serialnumber", ToLabel(TextOf(Member(leaf, "serial_number")))}});
}

void AddTlsInfo(const Result& result, const char* member, Lines& lines) {
  const std::string text = TextOf(Member(result.endpoint, "tls", member));
  if (!text.empty()) lines.Add(1, {{member, ToLabel(text)}});
}

struct ProbeMetric {
  ProbeMetricName is;
  void (*derive)(const Result& result, Lines& lines);
};

constexpr auto kMetrics = std::to_array<ProbeMetric>({
    {{"probe_success",
      "Whether other homeservers can reach this one, and all that its expect demands is so."},
     [](const Result& result, Lines& lines) { lines.Add(result.summary().federation_ok ? 1 : 0); }},
    {{"probe_duration_seconds", "How long the last probe took."},
     [](const Result& result, Lines& lines) { lines.Add(Seconds(result.summary().duration)); }},
    {{"probe_timeout_seconds", "How long a probe may take."},
     [](const Result& result, Lines& lines) {
       lines.Add(Seconds(result.standing.server->probe.timeout));
     }},
    {{"probe_dns_lookup_time_seconds", "How long the DNS queries for the destination took."},
     [](const Result& result, Lines& lines) {
       lines.AddIfKnown(Member(result.report, "discovery", "dns_seconds"));
     }},
    {{"probe_ip_protocol", "IP version of the address: 4 or 6."},
     [](const Result& result, Lines& lines) {
       lines.AddIfKnown(Member(result.endpoint, "ip_version"));
     }},
    {{"probe_http_status_code", "HTTP status of the signing keys; 0 without a response."},
     [](const Result& result, Lines& lines) {
       lines.Add(NumberOf(Member(result.endpoint, "keys", "status")));
     }},
    {{"probe_http_ssl", "Whether a TLS session was established."},
     [](const Result& result, Lines& lines) {
       lines.Add(Member(result.endpoint, "tls").is_object() ? 1 : 0);
     }},
    {{"probe_http_duration_seconds",
      "Duration of resolve, connect, tls, and of the request for the signing keys (processing)."},
     AddPhases},
    {{"probe_ssl_earliest_cert_expiry",
      "When the first certificate of all presented ones expires, in seconds since the Unix epoch."},
     AddEarliestExpiry},
    {{"probe_ssl_last_chain_expiry_timestamp_seconds",
      "When the last verified chain expires, in seconds since the Unix epoch."},
     AddLastChainExpiry},
    {{"probe_ssl_last_chain_info", "The leaf certificate."}, AddLastChain},
    {{"probe_tls_version_info", "The TLS version."},
     [](const Result& result, Lines& lines) { AddTlsInfo(result, "version", lines); }},
    {{"probe_tls_cipher_info", "The cipher suite."},
     [](const Result& result, Lines& lines) { AddTlsInfo(result, "cipher", lines); }},
});

const Json& EndpointOf(const Json& report) {
  static const Json kNone;
  const Json& endpoints = Member(report, "endpoints");
  if (!endpoints.is_array() || endpoints.empty()) return kNone;
  const auto good = std::find_if(endpoints.begin(), endpoints.end(),
                                 [](const Json& each) { return IsTrue(Member(each, "ok")); });
  return good == endpoints.end() ? endpoints.front() : *good;
}

std::string Render(const Standing& standing, Format format) {
  const std::string text = Unpack(standing.last->packed_details).report;
  const Json report = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const Result result{standing, report, EndpointOf(report)};
  std::string out;
  for (const ProbeMetric& metric : kMetrics) {
    std::string samples;
    Lines lines(metric.is.name, samples);
    metric.derive(result, lines);
    if (samples.empty()) continue;
    AppendHeader(metric.is.name, MetricType::kGauge, metric.is.help, format, out);
    out += samples;
  }
  AppendEnd(format, out);
  return out;
}

}  // namespace

std::vector<ProbeMetricName> ProbeMetricNames() {
  std::vector<ProbeMetricName> names;
  for (const ProbeMetric& metric : kMetrics) names.push_back(metric.is);
  return names;
}

web::Response AnswerProbe(const Board& board, const web::Request& request, SystemTime now) {
  std::string error;
  // blackbox_exporter's scrape configurations name a module.
  const auto parameters = Parameters::Read(request.query, {"target", "module"}, error);
  if (!parameters) return web::Text(400, error + "\n");
  const std::string* const target = parameters->Find("target");
  if (target == nullptr || target->empty()) {
    return web::Text(400, "the parameter target is missing: the name of a configured homeserver\n");
  }
  LastResult found = FindLastResult(board, *target, now);
  if (!found.standing) return std::move(found.refusal);
  const Format format = NegotiateFormat(request.accept);
  web::Response response = web::Text(200, Render(*found.standing, format));
  response.content_type = MediaType(format);
  response.negotiated = true;
  response.compressible = true;
  return response;
}

}  // namespace exporter
