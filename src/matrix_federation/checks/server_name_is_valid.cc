#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

// A homeserver is identified by its server name, which is a host (IPv4 address, bracketed IPv6
// address or DNS name) with an optional port.
constexpr auto kCodes = std::to_array<std::string_view>({
    Word(Reason::kServerNameEmpty),
    Word(Reason::kServerNameTooLong),
    Word(Reason::kServerNameInvalidHostname),
    Word(Reason::kServerNameInvalidIpLiteral),
    Word(Reason::kServerNameInvalidPort),
});

std::string_view SentenceOf(Warning warning) {
  return kWarningRows.at(static_cast<std::size_t>(warning)).sentence;
}

Verdict Judge(const Observation& seen) {
  if (!seen.name) return Verdict::Fail(seen.name.failure());
  Verdict verdict = Verdict::Pass();
  for (const Warning warning : seen.name->Warnings()) {
    verdict.findings.push_back({warning, std::string(SentenceOf(warning))});
  }
  return verdict;
}

}  // namespace

const Check server_name_is_valid{
    .name = "server_name_is_valid",
    .severity = Severity::kError,
    .summary = "The name follows the grammar of Matrix server names.",
    .citation = "appendices, Server Name",
    .codes = kCodes,
    .judge = Judge,
};

}  // namespace matrix_federation
