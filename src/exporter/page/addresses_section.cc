#include "exporter/page/lifetime.h"
#include "exporter/page/sections.h"
#include "exporter/page/words.h"

namespace exporter::page {
namespace {

void WriteFact(Html& html, Markup name, const std::string& value) {
  if (value.empty()) return;
  html << "<div><dt>" << name << "</dt><dd>" << value << "</dd></div>";
}

std::string Joined(const std::vector<std::string>& texts) {
  constexpr std::size_t kShown = 20;
  std::string joined;
  for (std::size_t i = 0; i < std::min(texts.size(), kShown); ++i) {
    joined += (i == 0 ? "" : ", ") + texts[i];
  }
  if (texts.size() > kShown) joined += " and " + std::to_string(texts.size() - kShown) + " more";
  return joined;
}

void WriteCertificate(Html& html, Node certificate, SystemTime now) {
  const auto begin = certificate["not_before"].Time();
  const auto end = certificate["not_after"].Time();
  auto names = certificate["dns_names"].Texts();
  for (auto& ip : certificate["ip_addresses"].Texts()) names.push_back(std::move(ip));
  html << R"(<li class="certificate"><p class="subject">)"
       << (certificate["subject_cn"] ? certificate["subject_cn"].Text()
                                     : std::string("(no common name)"))
       << R"( <span class="quiet">by )"
       << (certificate["issuer_cn"] ? certificate["issuer_cn"].Text() : std::string("(unnamed)"))
       << "</span></p>";
  if (begin && end) {
    html << Lifetime{{*begin, *end}, now};
  }
  html << R"(<dl class="facts">)";
  WriteFact(html, "Names", Joined(names));
  if (begin) html << "<div><dt>From</dt><dd>" << Day{*begin} << "</dd></div>";
  WriteFact(html, "Serial number", certificate["serial_number"].Text());
  WriteFact(html, "SHA-256", certificate["fingerprint_sha256"].Text());
  html << "</dl></li>";
}

void WriteTls(Html& html, Node tls, SystemTime now) {
  if (!tls) return;
  html << R"(<dl class="facts">)";
  WriteFact(html, "TLS", tls["version"].Text());
  WriteFact(html, "Cipher", tls["cipher"].Text());
  html << "</dl>";
  const auto certificates = tls["certificates"].Items();
  if (certificates.empty()) return;
  html << R"(<h3>Certificates, as presented</h3><ol class="chain">)";
  for (const Node& certificate : certificates) WriteCertificate(html, certificate, now);
  html << "</ol>";
}

void WriteKeys(Html& html, Node keys) {
  if (!keys) return;
  html << R"(<h3>Signing keys</h3><dl class="facts">)";
  WriteFact(html, "Signed", Joined(keys["verified_key_ids"].Texts()));
  WriteFact(html, "Old", Joined(keys["old_key_ids"].Texts()));
  if (const auto until = keys["valid_until"].Time()) {
    html << "<div><dt>Valid until</dt><dd>" << Minute{*until} << "</dd></div>";
  }
  WriteFact(html, "Named", keys["server_name"].Text());
  if (keys["reason"]) WriteFact(html, "Refused for", keys["reason"].Text());
  html << "</dl>";
}

void WriteSeconds(Html& html, Markup name, Node seconds) {
  if (const auto number = seconds.Number()) WriteFact(html, name, Span(*number));
}

void WriteMeasures(Html& html, Node endpoint) {
  html << R"(<dl class="facts">)";
  WriteSeconds(html, "Connect", endpoint["connect_seconds"]);
  WriteSeconds(html, "Handshake", endpoint["tls_seconds"]);
  WriteSeconds(html, "Keys", endpoint["keys"]["seconds"]);
  WriteSeconds(html, "Version", endpoint["version"]["seconds"]);
  if (const auto offset = endpoint["clock_offset_seconds"].Number()) {
    WriteFact(html, "Clock",
              *offset == 0 ? std::string("right to the second")
                           : std::to_string(static_cast<long long>(*offset)) + " s from ours");
  }
  const Node version = endpoint["version"];
  if (version["version"]) {
    WriteFact(html, "Software", version["name"].Text() + " " + version["version"].Text());
  } else if (version["reason"]) {
    WriteFact(html, "Version refused for", version["reason"].Text());
  }
  if (const auto attempts = endpoint["attempts"].Number(); attempts.value_or(1) > 1) {
    WriteFact(html, "Attempts", std::to_string(static_cast<long long>(*attempts)));
  }
  html << "</dl>";
}

void WriteAddress(Html& html, Node endpoint, std::size_t number, SystemTime now) {
  const bool ok = endpoint["ok"].IsTrue();
  const State state = ok ? State::kOk : State::kFailing;
  // The broken ones are open.
  html << R"(<li class="address )" << Word(state) << R"("><details id="address-)" << number << "\""
       << (ok ? Markup("") : Markup(" open")) << "><summary>" << state
       << R"( <strong class="name">)" << endpoint["address"].Text()
       << R"(</strong> <span class="label">)" << (ok ? Markup("works") : Markup("does not work"))
       << "</span></summary>";
  if (!ok) {
    html << R"(<p class="finding">)" << Sentence(endpoint["detail"].Text()) << " <code>"
         << endpoint["reason"].Text() << "</code></p>";
  }
  WriteMeasures(html, endpoint);
  WriteTls(html, endpoint["tls"], now);
  WriteKeys(html, endpoint["keys"]);
  html << "</details></li>\n";
}

void WriteWellKnownHost(Html& html, Node lookup, SystemTime now) {
  if (!lookup["tls"]) return;
  html << R"(<section aria-labelledby="well-known"><h2 id="well-known">The .well-known host</h2>)"
       << R"(<details id="well-known-host"><summary>)" << lookup["final_url"].Text()
       << R"(</summary>)";
  for (const Node& address : lookup["addresses"].Items()) {
    html << R"(<p class="back">)" << address["address"].Text() << ": "
         << (address["m_server"] ? address["m_server"].Text() : address["reason"].Text()) << "</p>";
  }
  WriteTls(html, lookup["tls"], now);
  html << "</details></section>\n";
}

}  // namespace

void WriteAddressesSection(Html& html, Node report, SystemTime now) {
  const auto endpoints = report["endpoints"].Items();
  if (!endpoints.empty()) {
    html << R"(<section aria-labelledby="addresses"><h2 id="addresses">Addresses</h2>)"
         << R"(<ol class="endpoints">)"
         << "\n";
    std::size_t number = 0;
    for (const Node& endpoint : endpoints) WriteAddress(html, endpoint, ++number, now);
    html << "</ol></section>\n";
  }
  WriteWellKnownHost(html, report["discovery"]["well_known"], now);
}

}  // namespace exporter::page
