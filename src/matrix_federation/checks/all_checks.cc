#include "checks/all_checks.h"

namespace matrix_federation {
namespace {

constexpr auto kAllChecks = std::to_array<const Check*>({
    &server_name_is_valid,     &well_known_is_usable,
    &well_known_is_consistent, &well_known_certificate_is_valid,
    &srv_lookup_works,         &srv_uses_current_name,
    &srv_targets_are_hosts,    &srv_agrees_with_well_known,
    &destination_resolves,     &destination_accepts_connections,
    &tls_handshake_succeeds,   &tls_version_is_current,
    &certificate_is_trusted,   &certificate_is_in_date,
    &certificate_matches_name, &certificates_are_consistent,
    &signing_keys_are_served,  &signing_keys_are_signed,
    &signing_keys_are_in_date, &signing_keys_are_stable,
    &version_is_reported,      &every_address_works,
    &both_ip_versions_work,    &clock_is_right,
    &proxy_preserves_paths,    &delegation_is_expected,
    &software_is_expected,     &version_is_expected,
    &ip_versions_are_expected,
});

}  // namespace

std::span<const Check* const> AllChecks() { return kAllChecks; }

std::string_view Word(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

std::string_view Word(Status status) {
  constexpr std::array<std::string_view, 4> kWords = {"pass", "fail", "not_applicable",
                                                      "not_observed"};
  return kWords.at(static_cast<std::size_t>(status));
}

}  // namespace matrix_federation
