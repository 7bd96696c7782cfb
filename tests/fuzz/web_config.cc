// Web configuration files: the input is the text. Every mistake is one line that begins with its
// place; what is accepted can be put into responses and compared with passwords.

#include "exporter/web_config.h"

#include <algorithm>
#include <charconv>

#include "property.h"
#include "web/password.h"

using exporter::WebConfig;
using fuzz::Require;

namespace {

constexpr std::string_view kFile = "/etc/fuzz.yml";

// Takes ":12" from the front: a number from 1.
bool TakeNumber(std::string_view& text) {
  if (!text.starts_with(':')) return false;
  text.remove_prefix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() && number >= 1;
}

void CheckMistake(std::string_view mistake) {
  Require(fuzz::IsShowable(mistake, 2 * fuzz::kSentenceMax), "a mistake is one line to show");
  Require(mistake.starts_with(kFile), "a mistake names its file");
  std::string_view rest = mistake.substr(kFile.size());
  Require(TakeNumber(rest) && TakeNumber(rest) && rest.starts_with(": ") && rest.size() > 2,
          "a mistake reads file:line:column: what: " + std::string(mistake));
}

bool IsOf(const std::vector<std::string>& words, const std::vector<std::string_view>& known) {
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(known.begin(), known.end(), word) != known.end();
  });
}

void CheckTls(const WebConfig& config) {
  const web::TlsSettings& tls = *config.tls;
  Require(tls.certificate.empty() != config.cert_file.empty(), "there is one certificate");
  Require(tls.key.empty() != config.key_file.empty(), "there is one key");
  Require(tls.min_version >= 10 && tls.max_version <= 13 && tls.min_version <= tls.max_version,
          "the versions are those of TLS");
  Require(IsOf(tls.cipher_suites, web::CipherSuites()) && IsOf(tls.curves, web::Curves()),
          "cipher suites and curves are known");
  for (const std::string& file : {config.cert_file, config.key_file, config.client_ca_file}) {
    Require(file.empty() || file.starts_with('/'), "files have absolute paths");
  }
  std::string error;
  if (!web::MakeTlsContext(tls, error)) {
    Require(fuzz::IsShowable(error, fuzz::kSentenceMax) && !error.empty(), "a refusal says why");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::ToText(data, size));
  const auto parsed = exporter::ParseWebConfig(text, std::string(kFile));
  Require(parsed.config.has_value() == parsed.mistakes.empty(), "a configuration, or mistakes");
  for (const std::string& mistake : parsed.mistakes) CheckMistake(mistake);
  if (!parsed.config) return 0;
  if (parsed.config->tls) CheckTls(*parsed.config);
  for (const auto& [user, hash] : parsed.config->users) {
    Require(web::BcryptCost(hash).value_or(99) <= 18, "a password takes bounded time");
    Require(user.find(':') == std::string::npos, "a user can be told from a password");
  }
  for (const web::Field& field : parsed.config->fields) {
    Require(field.value.find_first_of("\r\n") == std::string::npos, "a header is one line");
  }
  return 0;
}
