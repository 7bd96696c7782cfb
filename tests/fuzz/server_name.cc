// Server names: the input is the name. An accepted name is within its bounds and reads back as it
// was written; a refusal is a sentence that can be shown.

#include "matrix_federation/server_name.h"

#include "matrix_federation/limits.h"
#include "property.h"

using fuzz::Require;
using matrix_federation::HostKind;
using matrix_federation::Outcome;
using matrix_federation::ServerName;

namespace {

void CheckAccepted(const ServerName& name, std::string_view text) {
  Require(name.text() == text, "the spelling is kept");
  Require(!text.empty() && text.size() <= matrix_federation::kServerNameLengthMax,
          "an accepted name has 1 to 255 characters");
  Require(!name.port() || *name.port() != 0, "a port is 1 to 65535");
  Require(name.address().has_value() == (name.kind() != HostKind::kDns), "literals have addresses");
  std::string again = name.kind() == HostKind::kIpv6 ? "[" + name.host() + "]" : name.host();
  const Outcome<ServerName> host = ServerName::Parse(again);
  Require(host.ok() && host->host() == name.host() && host->kind() == name.kind(),
          "the host alone is the same host");
  if (name.port()) again += ":" + std::to_string(*name.port());
  const Outcome<ServerName> whole = ServerName::Parse(again);
  Require(whole.ok() && whole->port() == name.port(), "host and port make the name again");
  Require(name.Warnings().size() <= 2, "there are two warnings");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::ToText(data, size);
  const Outcome<ServerName> name = ServerName::Parse(text);
  if (name) {
    CheckAccepted(*name, text);
  } else {
    Require(matrix_federation::Word(name.failure().reason).starts_with("server_name_"),
            "a refusal has a word of its own");
    Require(fuzz::IsShowable(name.failure().detail, fuzz::kSentenceMax),
            "a refusal is a sentence that can be shown");
  }
  return 0;
}
