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
constexpr auto kRemarks = std::to_array<std::string_view>({
    Word(Warning::kServerNameUppercase),
    Word(Warning::kServerNameOver230),
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
    .why = R"(Other servers read the name before they do anything else. A name that they cannot
read they do not look up, so nothing behind it is ever contacted.)",
    .fix = R"(Write the name as it stands after the colon of a user ID: a host and an optional
port, without scheme, path or dot at the end.

    example.org
    example.org:8448
    192.0.2.10
    [2001:db8::10]:8448

An international name is written in its ASCII form, as in `xn--bcher-kva.example`.)",
    .codes = kCodes,
    .remarks = kRemarks,
    .judge = Judge,
};

}  // namespace matrix_federation
